import type { Taken } from '../transport/backend.js';
import { Delivery, type Holder } from './delivery.js';
import { type IterationOwner, Iteration, NOTHING } from './iteration.js';
import { checkCount, checkDuration, type WaitOptions } from './waits.js';

const NOW = Promise.resolve();

/** Gives items; asking for the next one acknowledges the one before. With a limit, gives that many and acknowledges all. */
export class ItemIterator<T> extends Iteration<T> {
  private current: Taken | undefined;
  private left: number;
  private readonly quick: boolean;
  /** An item has come for a loop that waited, which has not seen it yet. */
  private handing = false;

  constructor(endpoint: IterationOwner, options?: WaitOptions, limit = Infinity) {
    super(endpoint, options);
    this.left = limit;
    this.quick = options === undefined && limit === Infinity;
  }

  /** As any iteration's, with a short way for what happens most: the last item is done, and the next one is there. */
  override next(): Promise<IteratorResult<T, undefined>> {
    if (!this.quick || this.over || this.waits) return super.next();
    let taken: Taken | undefined;
    try {
      const { backend } = this.endpoint;
      const { current } = this;
      if (current !== undefined) {
        this.current = undefined;
        backend.ack(current);
      }
      taken = backend.take();
    } catch (error) {
      this.finish();
      return Promise.reject(error);
    }
    if (taken === undefined) return super.next();
    this.current = taken;
    return Promise.resolve({ done: false, value: taken.value as T });
  }

  override give(taken: Taken): void {
    this.current = taken;
    this.left--;
    this.handing = true;
    void NOW.then(this.handOver);
  }

  /**
   * The loop goes on a moment after its item came: a producer that awaits each put has put the next one by then, and is one
   * ahead from there on, so that the loop finds an item each time instead of waiting for it.
   */
  private readonly handOver = (): void => {
    if (!this.handing || this.current === undefined) return;
    this.handing = false;
    this.answer({ done: false, value: this.current.value as T });
  };

  get held(): number {
    return this.current === undefined ? 0 : 1;
  }

  /** Acknowledges the item in hand now: a `break` that follows does not give it back. */
  settle(): void {
    const { current } = this;
    if (current === undefined || this.handing) return;
    this.current = undefined;
    this.endpoint.backend.ack(current);
    if (this.left === 0) this.finish();
  }

  protected gather(): T | typeof NOTHING {
    const taken = this.current ?? this.endpoint.backend.take();
    if (taken === undefined) return NOTHING;
    this.current = taken;
    this.left--;
    return taken.value as T;
  }

  protected accept(taken: Taken): void {
    this.current = taken;
  }

  giveBack(): void {
    const { current, handing } = this;
    if (current === undefined) return;
    this.current = undefined;
    this.handing = false;
    this.endpoint.backend.giveBack(current, !handing);
    this.forget();
  }
}

/** Gives deliveries, each to be settled by the loop. */
export class DeliveryIterator<T> extends Iteration<Delivery<T>> implements Holder {
  private readonly open = new Set<Delivery<unknown>>();
  private latest: Delivery<T> | undefined;
  private next_: Taken | undefined;

  get backend(): IterationOwner['backend'] {
    return this.endpoint.backend;
  }

  get runtime(): IterationOwner['runtime'] {
    return this.endpoint.runtime;
  }

  get held(): number {
    return this.open.size;
  }

  settle(): void {
    // Each delivery is settled by itself.
  }

  released(delivery: Delivery<unknown>): void {
    this.open.delete(delivery);
    if (this.over && this.open.size === 0) this.forget();
  }

  protected gather(): Delivery<T> | typeof NOTHING {
    const taken = this.next_ ?? this.endpoint.backend.take();
    if (taken === undefined) return NOTHING;
    this.next_ = undefined;
    const delivery = new Delivery<T>(this, taken);
    this.latest = delivery;
    this.open.add(delivery);
    return delivery;
  }

  protected accept(taken: Taken): void {
    this.next_ = taken;
  }

  /** A loop that is left gives back its latest delivery; earlier ones may still be worked on. */
  giveBack(): void {
    if (this.latest?.settled === false) this.latest.nack();
  }

  /** The endpoint closes: all go back. */
  giveAllBack(): void {
    for (const delivery of this.open) {
      this.endpoint.backend.giveBack(delivery.taken, true);
      delivery.revoke();
    }
    this.open.clear();
    this.forget();
  }
}

export interface BatchOptions extends WaitOptions {
  /** Items in a batch, at the most. Default 64. */
  readonly max?: number | undefined;
  /** How long, in ms, to wait for a batch to fill once it has an item. Default 0: what is at hand makes a batch. */
  readonly within?: number | undefined;
}

/** Gives arrays of one item or more; asking for the next one acknowledges the one before. */
export class BatchIterator<T> extends Iteration<T[]> {
  private current: Taken[] = [];
  private readonly max: number;
  private readonly within: number;
  private given = false;
  private timer: unknown;
  private readonly lone: boolean;

  /** @param lone - the batch is the only one, and is acknowledged as soon as it is handed out. */
  constructor(endpoint: IterationOwner, options: BatchOptions = {}, lone = false) {
    checkCount('max', options.max ?? 64);
    checkDuration('within', options.within);
    super(endpoint, options.signal === undefined && options.timeout === undefined ? undefined : options);
    this.max = options.max ?? 64;
    this.within = options.within ?? 0;
    this.lone = lone;
  }

  get held(): number {
    return this.current.length;
  }

  settle(): void {
    if (!this.given) return;
    const done = this.current;
    this.current = [];
    this.given = false;
    for (const taken of done) this.endpoint.backend.ack(taken);
    if (this.over) this.forget();
  }

  protected gather(): T[] | typeof NOTHING {
    const { backend, runtime } = this.endpoint;
    const { current, max } = this;
    while (current.length < max) {
      const taken = backend.take();
      if (taken === undefined) break;
      current.push(taken);
    }
    if (current.length === 0) return NOTHING;
    if (current.length >= max || this.within === 0) return this.hand();
    this.partial = true;
    if (this.within === Infinity) return NOTHING;
    this.timer ??= runtime.setTimer(() => {
      this.timer = undefined;
      this.cut();
    }, this.within);
    return NOTHING;
  }

  protected accept(taken: Taken): void {
    this.current.push(taken);
  }

  protected override leftOver(): T[] | typeof NOTHING {
    return this.current.length === 0 || this.given ? NOTHING : this.hand();
  }

  /** A loop that is left gives the whole batch back; what it has not seen was not begun. */
  giveBack(): void {
    const { current, given } = this;
    this.current = [];
    this.stopTimer();
    for (const taken of current.reverse()) this.endpoint.backend.giveBack(taken, given);
    this.forget();
  }

  protected override finish(): void {
    this.stopTimer();
    super.finish();
  }

  private hand(): T[] {
    this.stopTimer();
    this.given = true;
    const values = this.current.map((taken) => taken.value as T);
    if (this.lone) this.settle();
    return values;
  }

  private stopTimer(): void {
    this.partial = false;
    if (this.timer !== undefined) this.endpoint.runtime.clearTimer(this.timer);
    this.timer = undefined;
  }
}
