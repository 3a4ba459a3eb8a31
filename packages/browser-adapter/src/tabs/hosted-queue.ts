import type { QueueSpec } from '@millrace/core';
import { FarHost, type Home, HomeQueue } from '@millrace/core/channels';
import type { Attachment } from './attachment.js';
import { mismatch } from './errors.js';

/** What of a queue's options all tabs have to agree on. */
const COMMON = [
  'capacity',
  'overflow',
  'acknowledge',
  'gate',
  'maxDeliveries',
  'deadLetterCapacity',
] as const satisfies readonly (keyof QueueSpec)[];

/** A queue that lives here, and the tabs that take part in it. */
export class HostedQueue {
  readonly home: Home;
  readonly queue: HomeQueue;
  private readonly attached = new Set<Attachment>();
  private readonly unused: () => void;

  /** @param unused - nobody takes part, and nothing would be lost with it. */
  constructor(home: Home, unused: () => void) {
    this.home = home;
    this.home.far = new FarHost(this.home);
    this.queue = new HomeQueue(this.home);
    this.unused = unused;
    this.queue.on('endpoint-lost', () => {
      this.checkUse();
    });
  }

  /** Throws `BAD_OPTION` when the queue is another than is asked for. */
  attach(one: Attachment, spec: QueueSpec): void {
    for (const option of COMMON)
      if (this.home.spec[option] !== spec[option])
        throw mismatch(spec.name, option, this.home.spec[option], spec[option]);
    this.attached.add(one);
  }

  detach(one: Attachment): void {
    if (this.attached.delete(one)) this.checkUse();
  }

  close(): void {
    if (this.home.closed) return;
    // Before anybody hears that it has ended.
    for (const one of this.attached) one.tell({ kind: 'closed', queue: one.number });
    this.queue.close();
  }

  checkUse(): void {
    const { home } = this;
    const { producers, consumers, slots } = home.endpoints;
    if (this.attached.size + producers.size + consumers.size + slots.size > 0) return;
    if (home.size === 0 && home.inHand === 0 && home.deadLetters.size() === 0) this.unused();
  }
}
