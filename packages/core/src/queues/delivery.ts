import { MillraceError } from '../errors/error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, ItemHeaders, PutAnswer, PutMeta, Taken } from '../transport/backend.js';
import { fixHeaders } from './headers.js';
import { type GiveUp, PutWait } from './put-wait.js';
import type { WaitOptions } from './waits.js';

export interface DeliveryPutOptions extends WaitOptions {
  /** As those of a producer's put. */
  readonly headers?: ItemHeaders | undefined;
}

/** What a delivery belongs to: the iteration that gave it. */
export interface Holder {
  readonly backend: ConsumerBackend;
  readonly runtime: Runtime;
  /** The delivery is about to be settled. */
  released(delivery: Delivery<unknown>): void;
}

type Outcome = 'ack' | 'nack' | 'reject';
const WAS: Record<Outcome, string> = { ack: 'acked', nack: 'given back', reject: 'rejected' };

/**
 * An item in hand, to be settled by `ack`, `nack` or `reject`.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory() });
 * const producer = queue.producer();
 * queue.close();
 * await producer.put('home');
 * await producer.close();
 * for await (const delivery of queue.consumer().deliveries()) {
 *   console.log(`${delivery.value}, attempt ${delivery.attempt}`);
 *   if (delivery.redelivered) delivery.ack();
 *   else delivery.nack();
 * }
 * // prints: home, attempt 1
 * // prints: home, attempt 2
 * ```
 */
export class Delivery<T, In = T> {
  /** @internal */
  readonly taken: Taken;
  private readonly holder: Holder;
  private outcome: Outcome | undefined;
  /** Its puts that wait. */
  private waiting: Set<GiveUp> | undefined;

  /** @internal Use `consumer.deliveries()`. */
  constructor(holder: Holder, taken: Taken) {
    this.holder = holder;
    this.taken = taken;
    this.attempt = taken.attempt;
  }

  get value(): T {
    return this.taken.value as T;
  }

  /**
   * 1 on the first delivery. More when an earlier delivery may have reached user code, or when the item comes after later
   * ones of its producer.
   */
  readonly attempt: number;

  get redelivered(): boolean {
    return this.attempt > 1;
  }

  /** The value was moved here, and will not be delivered again. */
  get moved(): boolean {
    return this.taken.moved;
  }

  /** What was put with the item, if anything: `put(value, { headers })`. They stay with it however often it is delivered. */
  get headers(): ItemHeaders | undefined {
    return this.taken.headers;
  }

  /**
   * A number that grows with every delivery of the queue, where its home is shared by machines; else undefined. A store that
   * remembers the highest one it was given with an item's key can refuse whoever comes late: after a lost lease, what was
   * delivered again has the higher number.
   */
  get fence(): number | undefined {
    return this.taken.fence;
  }

  get settled(): boolean {
    return this.outcome !== undefined;
  }

  /**
   * The item is done. Throws `DELIVERY_SETTLED` after `nack`, `ENDPOINT_LOST` when the home is gone, `LEASE_LOST` when this
   * process was not heard of for too long, so that the item was given to another consumer.
   */
  ack(): void {
    this.settle('ack', () => {
      this.holder.backend.ack(this.taken);
    });
  }

  /**
   * The item goes back to the queue and will be delivered again, to any consumer; or, if this was the last of the queue's
   * `maxDeliveries`, it becomes a dead letter, with `error` as the reason. Throws as `ack` does.
   */
  nack(error?: unknown): void {
    this.settle('nack', () => {
      this.holder.backend.giveBack(this.taken, true, error);
    });
  }

  /** The item becomes a dead letter at once, with `error` as the reason: see `queue.deadLetters`. Throws as `ack` does. */
  reject(error?: unknown): void {
    this.settle('reject', () => {
      this.holder.backend.reject(this.taken, error);
    });
  }

  /**
   * Puts an item into the queue that this delivery came from, closed or not: the delivery, while unsettled, keeps the
   * queue open for it. The item is confirmed before the delivery's ack. When every consumer waits in such a put on a full
   * queue, it fails with `CONSUMERS_STUCK`; once the delivery is settled, with `DELIVERY_SETTLED`.
   */
  put(value: In, options?: DeliveryPutOptions): PutAnswer | Promise<PutAnswer> {
    if (this.outcome !== undefined) throw this.settledError('put into its queue');
    this.waiting ??= new Set();
    return PutWait.run(this.holder.backend.loop(), this.holder.runtime, [value], metaOf(options), options, (wait) => wait.last, this.waiting);
  }

  /**
   * Puts an item as `put` does if there is room, and answers `false` if not. Never waits for room, but asks the queue's home
   * where that is elsewhere; if the delivery is settled meanwhile, nothing is put and it rejects with `DELIVERY_SETTLED`.
   */
  tryPut(value: In, options?: Pick<DeliveryPutOptions, 'headers'>): boolean | Promise<boolean> {
    if (this.outcome !== undefined) throw this.settledError('put into its queue');
    const answer = this.holder.backend.loop().tryOffer(value, metaOf(options), () => this.outcome === undefined);
    if (typeof answer === 'string') return answer === 'accepted';
    return answer.then((known) => {
      if (known !== 'accepted' && this.outcome !== undefined) throw this.settledError('put into its queue');
      return known === 'accepted';
    });
  }

  /** @internal Marks it settled when its endpoint gave it back. */
  revoke(): void {
    this.outcome ??= 'nack';
  }

  private settle(outcome: Outcome, tell: () => void): void {
    if (this.outcome === outcome) return;
    if (this.outcome !== undefined) throw this.settledError(outcome);
    if (this.taken.lapsed === true) throw this.lapsedError(outcome);
    // From now on it keeps the queue open for them no more.
    if (this.waiting !== undefined) for (const giveUp of this.waiting) giveUp(this.settledError('put into its queue', outcome));
    // First, since whether its iteration has ended depends on what that still holds.
    this.holder.released(this);
    tell();
    this.outcome = outcome;
  }

  private lapsedError(outcome: Outcome): MillraceError {
    this.holder.released(this);
    return new MillraceError(
      'LEASE_LOST',
      `The delivery cannot be ${WAS[outcome]}: this process was not heard of for longer than its lease, and the item went to another. Undo what was done with it, or leave it to the fence.`,
      { endpoint: this.holder.backend.id, fence: this.fence },
    );
  }

  private settledError(what: string, outcome = this.outcome): MillraceError {
    return new MillraceError(
      'DELIVERY_SETTLED',
      `The delivery cannot ${what}: it was ${outcome === undefined ? 'settled' : WAS[outcome]} before.`,
      { endpoint: this.holder.backend.id },
    );
  }
}

function metaOf(options: Pick<DeliveryPutOptions, 'headers'> | undefined): PutMeta | undefined {
  const headers = fixHeaders(options?.headers);
  return headers === undefined ? undefined : { headers };
}
