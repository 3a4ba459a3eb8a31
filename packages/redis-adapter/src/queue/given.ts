import type { Session } from '../session/session.js';
import { ASK } from '../session/wire.js';
import type { Requests } from './requests.js';

interface Hands {
  readonly ids: string[];
  /** Resolves once the queue's home knows that they have left. */
  known: Promise<unknown>;
}

/** Which endpoints of a queue were handed to which worker: they are lost with it, wherever it had got with them. */
export class Given {
  private readonly session: Session;
  private readonly requests: Requests;
  private readonly workers = new Map<string, Hands>();

  constructor(session: Session, requests: Requests) {
    this.session = session;
    this.requests = requests;
  }

  /** An endpoint leaves for a worker, by a name that says which hand-over it was. */
  give(id: string, worker: string): void {
    const asked = this.requests
      .ask(ASK.DETACH, id, worker, this.nameOf(worker))
      .catch(() => undefined);
    const hands = this.workers.get(worker);
    if (hands === undefined) {
      this.workers.set(worker, { ids: [id], known: asked });
      return;
    }
    hands.ids.push(id);
    hands.known = Promise.all([hands.known, asked]);
  }

  /** Whoever claims an endpoint before its home has heard of it, or that it has left, would be told that there is none. */
  async known(worker: string): Promise<void> {
    await this.workers.get(worker)?.known;
  }

  /** The worker is gone: what it was given, and has not handed on, is lost. */
  lose(worker: string): void {
    const hands = this.workers.get(worker);
    if (hands === undefined) return;
    this.workers.delete(worker);
    this.session.post(() => ['', ASK.LOSE, 0, hands.ids, this.nameOf(worker)]);
  }

  private nameOf(worker: string): string {
    return `${this.session.id} ${worker}`;
  }
}
