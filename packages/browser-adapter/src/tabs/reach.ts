import type { MillraceError } from '@millrace/core';
import type { Control, PortLike } from '../port-link.js';
import type { Election } from './elected/election.js';
import { electionNotLoaded, hostNotMade } from './errors.js';

/** Whom it tells how a host was reached. */
export interface Reached {
  /** There is a host; where hosts follow each other, the next one. */
  connected(control: Control): void;
  failed(error: MillraceError): void;
}

/** How a tab reaches the host of its queues. */
export interface Reach {
  /** Hosts follow each other: what a tab has with one goes on with the next. */
  readonly lasting: boolean;
  /** The tab holds its lock. */
  begin(events: Reached): void;
  /** A new port to the host: this side, and what the host makes the other side of. */
  open(): { near: PortLike; far: unknown; transfer: Transferable[] };
  /** The tab leaves, having left its queues. */
  stop(): void;
}

/** The host is a SharedWorker. */
export class SharedWorkerReach implements Reach {
  readonly lasting = false;
  private readonly host: SharedWorker;
  private readonly port: MessagePort;
  private onError: (() => void) | undefined;
  private failed = false;

  /** Throws `WORKER_LOAD_FAILED` when the factory makes none. */
  constructor(factory: () => SharedWorker) {
    let host: SharedWorker;
    try {
      host = factory();
    } catch (error) {
      throw hostNotMade(`its factory threw: ${String(error)}`, error);
    }
    if (typeof (host as Partial<SharedWorker> | undefined)?.port?.postMessage !== 'function')
      throw hostNotMade('its factory returned no SharedWorker');
    this.host = host;
    this.port = host.port;
    // At once: it may fail before the tab has its lock.
    host.onerror = () => {
      this.failed = true;
      this.onError?.();
    };
  }

  begin(events: Reached): void {
    this.onError = () => {
      events.failed(hostNotMade("its file was not loaded: the browser's console says why"));
    };
    if (this.failed) this.onError();
    else events.connected(this.port);
  }

  open(): { near: PortLike; far: unknown; transfer: Transferable[] } {
    const { port1, port2 } = new MessageChannel();
    return { near: port1, far: port2, transfer: [port2] };
  }

  stop(): void {
    this.host.onerror = null;
  }
}

/** The host is one of the tabs. */
export class ElectedReach implements Reach {
  readonly lasting = true;
  private readonly name: string;
  private election: Election | undefined;
  private stopped = false;

  constructor(name: string) {
    this.name = name;
  }

  begin(events: Reached): void {
    // Where there is a SharedWorker nobody has to load this.
    import('./elected/election.js').then(
      ({ Election }) => {
        if (!this.stopped) this.election = new Election(this.name, events);
      },
      (error: unknown) => {
        events.failed(electionNotLoaded(error));
      },
    );
  }

  open(): { near: PortLike; far: unknown; transfer: Transferable[] } {
    // Whoever asks was told that there is a host.
    return this.election!.open();
  }

  stop(): void {
    this.stopped = true;
    this.election?.stop();
  }
}
