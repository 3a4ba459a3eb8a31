import type { MillraceError } from '@millrace/core';
import { packErrors } from '@millrace/core/channels';
import { holdForLife, lockName } from '../lock.js';
import type { Control } from '../port-link.js';
import { noLocks, otherVersion } from './errors.js';
import { HostSession } from './host-session.js';
import type { HostedQueues } from './hosted-queues.js';
import { type ToHost, type ToTab, VERSION } from './messages.js';

export type Hello = ToHost & { readonly kind: 'hello' };

/** The queues that a tab asks for, once this host may serve them. */
export type Serve = (hello: Hello) => Promise<HostedQueues>;

/** Who may be the one host of the tabs' queues by this name. */
export function hostLock(name: string): string {
  return `millrace:tabs:${name}`;
}

/** Whom a host tells of tabs, by their locks. */
export interface Watch {
  /** It is here, with all that it had with another host. */
  admitted(lock: string): void;
  left(lock: string): void;
}

/** Serves the tabs that connect. */
export class Host {
  private readonly lock = lockName('host');
  private readonly alive = holdForLife(this.lock);
  private readonly serve: Serve;
  private readonly sessions = new Set<HostSession>();
  private readonly watch: Watch | undefined;
  private over = false;

  constructor(serve: Serve, watch?: Watch) {
    this.serve = serve;
    this.watch = watch;
  }

  /** A tab has connected. */
  connect(control: Control): void {
    const early: ToHost[] = [];
    control.onmessage = ({ data }: MessageEvent<ToHost>) => {
      if (data.kind === 'hello') void this.admit(control, data, early);
      else early.push(data);
    };
  }

  /** Is gone, as far as the tabs can see: they are not told. */
  stop(): void {
    this.over = true;
    for (const session of this.sessions) session.abandon();
  }

  /** Serves nobody any more, for this reason. */
  fail(error: MillraceError): void {
    this.over = true;
    for (const session of this.sessions) session.refuse(error);
  }

  private async admit(control: Control, hello: Hello, early: ToHost[]): Promise<void> {
    const refuse = (error: unknown): void => {
      control.onmessage = null;
      control.postMessage({ kind: 'refused', error: packErrors(error) } satisfies ToTab);
    };
    if (hello.version !== VERSION) {
      refuse(otherVersion(VERSION, hello.version));
      return;
    }
    if (!(await this.alive)) {
      refuse(noLocks());
      return;
    }
    let queues: HostedQueues;
    try {
      queues = await this.serve(hello);
    } catch (error) {
      refuse(error);
      return;
    }
    if (this.over) return;
    const session = new HostSession(control, queues, hello.lock, () => {
      this.sessions.delete(session);
      if (!this.over) this.watch?.left(hello.lock);
    });
    this.sessions.add(session);
    for (const message of early) session.hear(message);
    control.onmessage = ({ data }: MessageEvent<ToHost>) => {
      session.hear(data);
    };
    session.tell({ kind: 'welcome', lock: this.lock });
    this.watch?.admitted(hello.lock);
  }
}
