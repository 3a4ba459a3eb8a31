import { MillraceError } from '../errors/error.js';
import { reviveError } from '../errors/revive.js';
import type { FromLoop, ToLoop } from '../loops/wire.js';
import type { WorkerHandle } from '../workers/handle.js';
import type { Restarts } from './restarts.js';

/** What a group tells of one of its workers. */
export interface InstanceReport {
  readonly id: string;
  readonly state: 'starting' | 'started' | 'waiting' | 'draining' | 'stopped';
  /** How often it was started again. */
  readonly restarts: number;
  /** The last error in its work, or the last failure of it. */
  readonly lastError: MillraceError | undefined;
  /** How many ms ago it last reported something: a result, a message, an error, or that it had started. */
  readonly lastProgress: number | undefined;
}

interface Pending {
  readonly message: unknown;
  readonly resolve: () => void;
  readonly reject: (error: MillraceError) => void;
}

/** One worker of a group, over all its restarts. */
export class Instance {
  readonly index: number;
  readonly id: string;
  /** Says whether and when it is started again. */
  readonly policy: Restarts;
  state: InstanceReport['state'] = 'starting';
  restarts = 0;
  lastError: MillraceError | undefined;
  lastProgress: number | undefined;
  handle: WorkerHandle<unknown> | undefined;
  /** It is not to be started again: it was told to stop, or said so. */
  leaving = false;
  draining = false;
  /** Its restart. */
  timer: unknown;
  /** Ends the wait for the next look of the watchdog. */
  unwatch: (() => void) | undefined;
  /** The question that the watchdog waits to have answered. */
  asked: { readonly id: number; readonly at: number; told: boolean } | undefined;

  private sent = 0;
  private readonly pending = new Map<number, Pending>();
  /** Sent while it was not there. */
  private early: { readonly id: number; readonly message: unknown }[] = [];

  constructor(index: number, id: string, policy: Restarts) {
    this.index = index;
    this.id = id;
    this.policy = policy;
  }

  /** Resolves when the worker has handled the message. */
  send(message: unknown): Promise<void> {
    const id = ++this.sent;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { message, resolve, reject });
      if (this.handle === undefined) this.early.push({ id, message });
      else
        try {
          this.tell({ kind: 'send', id, message });
        } catch (error) {
          this.pending.delete(id);
          reject(error);
        }
    });
  }

  /** What was sent while it was not there: goes with its start. */
  takeEarly(): readonly { readonly id: number; readonly message: unknown }[] {
    return this.early.splice(0);
  }

  handled(message: Extract<FromLoop, { kind: 'handled' }>): void {
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.error === undefined) pending?.resolve();
    else
      pending?.reject(
        reviveError(message.error, (error) => new MillraceError('MESSAGE_FAILED', `Worker ${this.id} could not handle a message.`, { worker: this.id }, error)),
      );
  }

  /** Messages that the worker had, and has not handled, are lost with it. */
  loseMail(error: MillraceError, all: boolean): void {
    const kept = new Set(all ? [] : this.early.map(({ id }) => id));
    for (const [id, { reject }] of this.pending) {
      if (kept.has(id)) continue;
      this.pending.delete(id);
      reject(error);
    }
    if (all) this.early = [];
  }

  /** Works on until its queue has nothing more, also when it is started again meanwhile. */
  drain(): void {
    this.draining = true;
    if (this.state === 'started') this.state = 'draining';
    this.tell({ kind: 'drain' });
  }

  tell(message: ToLoop): void {
    this.handle?.channel.post(message);
  }
}
