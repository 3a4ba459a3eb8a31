import type { MillraceError, QueueSpec, Runtime } from '@millrace/core';
import { packErrors, systemRuntime } from '@millrace/core/channels';
import { hold, holdForLife, lockName } from '../lock.js';
import { noLocks, otherVersion } from './errors.js';
import { HostSession } from './host-session.js';
import { HostedQueue } from './hosted-queue.js';
import { type PortLike, type ToHost, type ToTab, VERSION } from './messages.js';

/** The queues of one name. */
export class HostedQueues {
  private readonly queues = new Map<string, HostedQueue>();
  private readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** The queue with this name, made now if there is none. */
  find(spec: QueueSpec): HostedQueue {
    const known = this.queues.get(spec.name);
    if (known !== undefined) return known;
    const made = new HostedQueue(spec, this.runtime, () => {
      if (this.queues.get(spec.name) === made) this.queues.delete(spec.name);
    });
    this.queues.set(spec.name, made);
    return made;
  }
}

/** Who may be the one host of the tabs' queues by this name. */
export function hostLock(name: string): string {
  return `millrace:tabs:${name}`;
}

/** Serves the tabs that connect: each name's queues, apart from those of other names. */
export class Host {
  private readonly lock = lockName('host');
  private readonly alive = holdForLife(this.lock);
  private readonly names = new Map<string, Promise<HostedQueues>>();

  /** A tab has connected. */
  connect(control: PortLike): void {
    const early: ToHost[] = [];
    control.onmessage = ({ data }: MessageEvent<ToHost>) => {
      if (data.kind === 'hello') void this.admit(control, data, early);
      else early.push(data);
    };
  }

  private async admit(
    control: PortLike,
    { name, version, lock }: ToHost & { readonly kind: 'hello' },
    early: ToHost[],
  ): Promise<void> {
    const tell = (message: ToTab): void => {
      control.postMessage(message);
    };
    const refuse = (error: MillraceError): void => {
      control.onmessage = null;
      tell({ kind: 'refused', error: packErrors(error) });
    };
    if (version !== VERSION) {
      refuse(otherVersion(VERSION, version));
      return;
    }
    if (!(await this.alive)) {
      refuse(noLocks());
      return;
    }
    const session = new HostSession(control, await this.serve(name), lock);
    for (const message of early) session.hear(message);
    control.onmessage = ({ data }: MessageEvent<ToHost>) => {
      session.hear(data);
    };
    tell({ kind: 'welcome', lock: this.lock });
  }

  /** Another may serve this name: one that is about to end, or that older pages have. It is waited for. */
  private serve(name: string): Promise<HostedQueues> {
    const known =
      this.names.get(name) ?? hold(hostLock(name)).then(() => new HostedQueues(systemRuntime));
    this.names.set(name, known);
    return known;
  }
}
