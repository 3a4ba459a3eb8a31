import type { QueueSpec } from '@millrace/core';
import { HostedQueue } from './hosted-queue.js';
import type { Keeping } from './keeping.js';

/** The queues of one name. */
export class HostedQueues {
  readonly keeping: Keeping;
  private readonly queues = new Map<string, HostedQueue>();

  constructor(keeping: Keeping) {
    this.keeping = keeping;
  }

  /** The queue with this name, made now if there is none. */
  find(spec: QueueSpec): HostedQueue {
    const known = this.queues.get(spec.name);
    if (known !== undefined) return known;
    // Items cross tabs: none is to be shared.
    const made = new HostedQueue(this.keeping.home({ ...spec, clone: true }), () => {
      if (this.queues.get(spec.name) !== made) return;
      this.queues.delete(spec.name);
      this.keeping.forget(spec.name);
    });
    this.queues.set(spec.name, made);
    return made;
  }

  [Symbol.iterator](): Iterator<HostedQueue> {
    return [...this.queues.values()][Symbol.iterator]();
  }
}
