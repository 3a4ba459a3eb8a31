import type { MillraceError } from '@millrace/core';
import { systemRuntime } from '@millrace/core/channels';
import { whenFree } from '../../lock.js';
import type { Control } from '../../port-link.js';
import { Host } from '../host.js';
import { HostedQueues } from '../hosted-queues.js';
import { Journal } from './journal.js';
import { JournalKeeping } from './journal-keeping.js';
import { handedOver, restore } from './restore.js';

/** The host in a tab that was elected. It goes on with what the one before it had written down. */
export class ElectedHost {
  /** Above those of all hosts before it; 0 until it has started. */
  term = 0;
  /** Resolves when it serves tabs, or has to refuse them. */
  readonly started: Promise<void>;
  private readonly host: Host;
  private readonly queues: Promise<HostedQueues>;
  /** By its lock, each tab that had endpoints with an earlier host, lives, and has not come: what ends the waiting for it. */
  private readonly missing = new Map<string, () => void>();
  private journal: Journal | undefined;
  private failure: MillraceError | undefined;
  private stopped = false;

  constructor(name: string) {
    this.queues = this.takeOver(name);
    this.host = new Host(
      async ({ lock }) => {
        const queues = await this.queues;
        if (this.failure !== undefined) throw this.failure;
        this.journal?.set(['tab', '', lock], 0);
        return queues;
      },
      {
        admitted: (lock) => {
          this.came(lock);
        },
        left: (lock) => {
          this.journal?.delete(['tab', '', lock]);
        },
      },
    );
    this.started = this.queues.then(
      () => undefined,
      () => {
        this.term = Date.now();
      },
    );
  }

  connect(control: Control): void {
    this.host.connect(control);
  }

  /** Leaves the queues to the next host. What is not written down by now, nobody was told of. */
  stop(): void {
    this.stopped = true;
    this.host.stop();
    this.journal?.close();
  }

  private async takeOver(name: string): Promise<HostedQueues> {
    const { journal, records } = await Journal.open(name, (error) => {
      this.failure = error;
      this.host.fail(error);
    });
    this.journal = journal;
    if (this.stopped) journal.close();
    const { held = [] } = await navigator.locks.query();
    const alive = new Set(held.map(({ name: lock }) => lock));
    const tabs = records.flatMap(([[kind, , id]]) =>
      kind === 'tab' && alive.has(id as string) ? [id as string] : [],
    );
    const queues = new HostedQueues(new JournalKeeping(systemRuntime, journal));
    journal.clear();
    // As with any host, what was held is gone when the last tab is.
    if (tabs.length > 0) restore(records, queues);
    for (const lock of tabs) {
      journal.set(['tab', '', lock], 0);
      const unwatch = whenFree(lock, () => {
        journal.delete(['tab', '', lock]);
        this.came(lock);
      });
      this.missing.set(lock, unwatch);
    }
    this.term = journal.term;
    return queues;
  }

  /** It is here with all that it had, or is gone. */
  private came(lock: string): void {
    const unwatch = this.missing.get(lock);
    if (unwatch === undefined) return;
    this.missing.delete(lock);
    unwatch();
    if (this.missing.size > 0) return;
    void this.queues.then(handedOver);
  }
}
