import { MillraceError } from '../errors/error.js';
import type { Report } from '../loops/wire.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerSlot } from '../queues/slots.js';
import { asyncDispose } from '../queues/travel.js';
import type { Transport } from '../transport/transport.js';

/** Reports on their way to the host, at the most: workers wait while it is behind. */
const CAPACITY = 64;

/** What the workers of a run report, in order for each of them. */
export class Reports {
  /** Goes with each worker's start. */
  readonly slot: ProducerSlot<Report>;
  /** Resolves when all has been heard of workers that are gone. */
  readonly heard: Promise<void>;

  constructor(transport: Transport, group: string, hear: (report: Report) => void) {
    const queue = new IterableQueue<Report>({ transport, name: `${group}/reports`, exclusive: true, capacity: CAPACITY, acknowledge: 'on-take' });
    this.slot = queue.producerSlot();
    queue.close();
    this.heard = pump(queue, hear);
  }
}

async function pump(queue: IterableQueue<Report>, hear: (report: Report) => void): Promise<void> {
  try {
    for await (const report of queue.consumer()) hear(report);
  } catch (error) {
    // The transport was closed under it: there are no more reports.
    if (!(error instanceof MillraceError)) throw error;
  } finally {
    // Far from here it would be kept for as long as the transport is open.
    await queue[asyncDispose]();
  }
}
