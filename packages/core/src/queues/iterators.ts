import type { Taken, TakenRun } from '../transport/backend.js';
import type { Delivery } from './delivery.js';
import { type BatchOptions, Gathering } from './gathering.js';
import { type IterationOwner, Iteration, NOTHING } from './iteration.js';
import { OpenDeliveries } from './open-deliveries.js';
import type { WaitOptions } from './waits.js';

const NOW = Promise.resolve();

/** Gives items; asking for the next one acknowledges the one before. With a limit, gives that many and acknowledges all. */
export class ItemIterator<T> extends Iteration<T> {
  override readonly holds: boolean;
  private current: Taken | undefined;
  private left: number;
  private readonly quick: boolean;
  /** An item has come for a loop that waited, which has not seen it yet. */
  private handing = false;

  constructor(endpoint: IterationOwner, options?: WaitOptions, limit = Infinity) {
    super(endpoint, options);
    // What it is given it hands out a moment later.
    this.holds = endpoint.backend.onTake;
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
      if (current === undefined) taken = backend.take();
      else {
        this.current = undefined;
        if (backend.exchange === undefined) {
          backend.ack(current);
          taken = backend.take();
        } else taken = backend.exchange(current);
      }
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
    const { current } = this;
    if (!this.handing || current === undefined) return;
    this.handing = false;
    const { backend } = this.endpoint;
    try {
      if (this.holds) backend.handOut(current);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.answer({ done: false, value: current.value as T });
  };

  protected get open(): number {
    return this.current === undefined ? 0 : 1;
  }

  protected get unseen(): number {
    return this.handing ? 1 : 0;
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
export class DeliveryIterator<T, In = T> extends Iteration<Delivery<T, In>> {
  private readonly deliveries = new OpenDeliveries<T, In>(this.endpoint, () => {
    this.forgetIfDone();
  });
  private latest: Delivery<T, In> | undefined;
  private next_: Taken | undefined;

  protected get open(): number {
    return this.deliveries.size;
  }

  protected get unseen(): number {
    return this.next_ === undefined ? 0 : 1;
  }

  settle(): void {
    // Each delivery is settled by itself.
  }

  protected gather(): Delivery<T, In> | typeof NOTHING {
    const taken = this.next_ ?? this.endpoint.backend.take();
    if (taken === undefined) return NOTHING;
    this.next_ = undefined;
    return (this.latest = this.deliveries.add(taken));
  }

  protected accept(taken: Taken): void {
    this.next_ = taken;
  }

  /** A loop that is left gives back its latest delivery; earlier ones may still be worked on. */
  giveBack(): void {
    if (this.latest?.settled === false) this.latest.nack();
  }

  override giveAllBack(): void {
    this.deliveries.giveAllBack();
    this.forget();
  }
}

/** Gives arrays of deliveries, each of which is settled by itself. Many may be open at a time. */
export class DeliveryBatchIterator<T, In = T> extends Gathering<Delivery<T, In>[]> {
  private readonly deliveries = new OpenDeliveries<T, In>(this.endpoint, () => {
    this.forgetIfDone();
  });

  protected get open(): number {
    return this.deliveries.size + this.unseen;
  }

  settle(): void {
    // Each delivery is settled by itself.
  }

  protected hand(gathered: readonly Taken[]): Delivery<T, In>[] {
    return gathered.map((taken) => this.deliveries.add(taken));
  }

  /** A loop that is left goes on working at what it was given; what it was not given goes back. */
  giveBack(): void {
    this.giveBackGathered();
    this.forgetIfDone();
  }

  override giveAllBack(): void {
    this.giveBackGathered();
    this.deliveries.giveAllBack();
    this.forget();
  }
}

/** Gives arrays of one item or more; asking for the next one acknowledges the one before. */
export class BatchIterator<T> extends Gathering<T[]> {
  protected override readonly together = true;
  private given: readonly (Taken | TakenRun)[] = [];
  private length = 0;
  private readonly lone: boolean;

  /** @param lone - the batch is the only one, and is acknowledged as soon as it is handed out. */
  constructor(endpoint: IterationOwner, options?: BatchOptions, lone = false) {
    super(endpoint, options);
    this.lone = lone;
  }

  protected get open(): number {
    return this.length + this.unseen;
  }

  settle(): void {
    const done = this.given;
    this.given = [];
    this.length = 0;
    for (const taken of done) this.endpoint.backend.ack(taken);
    this.forgetIfDone();
  }

  protected hand(gathered: readonly (Taken | TakenRun)[]): T[] {
    const values: unknown[] = [];
    for (const taken of gathered)
      if ('values' in taken) for (const value of taken.values) values.push(value);
      else values.push(taken.value);
    this.given = gathered;
    this.length = values.length;
    if (this.lone) this.settle();
    return values as T[];
  }

  /** A loop that is left gives the whole batch back; what it has not seen was not begun. */
  giveBack(): void {
    const { given } = this;
    this.given = [];
    this.length = 0;
    this.giveBackGathered();
    for (const taken of [...given].reverse()) this.endpoint.backend.giveBack(taken, true);
    this.forgetIfDone();
  }
}
