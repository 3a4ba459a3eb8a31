import type { QueueSpec, Runtime } from '@millrace/core';
import type { Home } from '@millrace/core/channels';
import type { PortLink } from '../../port-link.js';
import type { HostLink } from '../host-link.js';
import type { Keeping } from '../keeping.js';
import type { Journal } from './journal.js';
import { JournaledHome } from './journaled-home.js';
import { JournaledLink } from './journaled-link.js';

/** Writes down what happens, before anybody hears of it. */
export class JournalKeeping implements Keeping {
  private readonly runtime: Runtime;
  private readonly journal: Journal;

  constructor(runtime: Runtime, journal: Journal) {
    this.runtime = runtime;
    this.journal = journal;
  }

  home(spec: QueueSpec): Home {
    return new JournaledHome(spec, this.runtime, this.journal);
  }

  link(port: PortLink, home: Home, onEnd: () => void, id: string): HostLink {
    return new JournaledLink(port, home, onEnd, this, id);
  }

  kept(call: () => void): void {
    this.journal.written(call);
  }

  forget(queue: string): void {
    this.journal.forget(queue);
  }
}
