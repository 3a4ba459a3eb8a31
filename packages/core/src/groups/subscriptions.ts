import { MillraceError } from '../errors/error.js';
import { reviveError } from '../errors/revive.js';
import type { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerSlot } from '../queues/slots.js';
import type { Instance } from './instance.js';

interface Subscription {
  readonly key: number;
  readonly queue: IterableQueue<unknown>;
  /** While its producer runs. */
  slot: ProducerSlot<unknown> | undefined;
}

/** The queues that a producer puts to besides its outbox. They outlast its runs. */
export class Subscriptions {
  private readonly all = new Map<IterableQueue<unknown>, Subscription>();
  private readonly onLost: (queue: string, error: MillraceError) => void;
  private keys = 0;

  /** @param onLost - a queue takes no more, and is subscribed no longer */
  constructor(onLost: (queue: string, error: MillraceError) => void) {
    this.onLost = onLost;
  }

  /** Adds a queue, and tells the workers that run. Harmless when repeated. Throws what opening a slot does. */
  add(queue: IterableQueue<unknown>, live: readonly Instance[] | undefined): void {
    if (this.all.has(queue)) return;
    const key = ++this.keys;
    const slot = live === undefined ? undefined : queue.producerSlot();
    try {
      for (const { handle } of live ?? []) handle?.channel.post({ kind: 'subscribe', key, out: slot });
    } catch (error) {
      slot?.close();
      throw error;
    }
    this.all.set(queue, { key, queue, slot });
  }

  remove(queue: IterableQueue<unknown>, live: readonly Instance[]): void {
    const subscription = this.all.get(queue);
    if (subscription === undefined) return;
    this.all.delete(queue);
    for (const instance of live) instance.tell({ kind: 'unsubscribe', key: subscription.key });
    subscription.slot?.close();
  }

  /** A run begins: each queue stays open for it. Those that take no more are lost. */
  open(): void {
    for (const subscription of this.all.values()) {
      try {
        subscription.slot = subscription.queue.producerSlot();
      } catch (error) {
        this.lost(subscription.key, error);
      }
    }
  }

  /** What a worker starts with. */
  slots(): { readonly key: number; readonly out: ProducerSlot<unknown> | undefined }[] {
    return [...this.all.values()].map(({ key, slot }) => ({ key, out: slot }));
  }

  /** The run is over. */
  close(): void {
    for (const { slot } of this.all.values()) slot?.close();
  }

  lost(key: number, cause: unknown): void {
    for (const { key: known, queue, slot } of this.all.values()) {
      if (known !== key) continue;
      this.all.delete(queue);
      slot?.close();
      const { name } = queue;
      this.onLost(name, reviveError(cause, (unknown) => new MillraceError('QUEUE_CLOSED', `Queue "${name}" takes no more.`, { queue: name }, unknown)));
    }
  }
}
