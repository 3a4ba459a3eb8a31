import { codeOf, ConformanceError, fail, text } from '../assert.js';
import type { ManualClock } from '../clock.js';
import type { Queue } from '../bench.js';
import type { FarConsumer, FarDelivery, FarIterator, FarProducer, Soon } from '../far.js';
import { watchedSignal, type WatchedSignal } from '../signals.js';
import type { Fixture } from '../target.js';
import { Tracked } from '../tracked.js';
import type { Cancel, IterationKind } from './commands.js';
import type { Model } from './model.js';
import { type Item, type Lane, newLane } from './item.js';

export interface ProducerSide {
  readonly far: FarProducer;
  readonly key: object;
  sequence: number;
  open: boolean;
  dead: boolean;
}

export interface ConsumerSide {
  readonly far: FarConsumer;
  readonly lane: Lane;
  readonly iterations: Iteration[];
  readonly seen: Set<Item>;
  open: boolean;
  dead: boolean;
  /** Loop puts that wait. */
  looping: number;
  /** The producers that its deliveries are. */
  readonly loops: Set<object>;
}

export interface Iteration {
  readonly consumer: ConsumerSide;
  readonly kind: IterationKind;
  readonly iterator: FarIterator<unknown> & { drain?(): Soon<void> };
  readonly lane: Lane;
  readonly signal: WatchedSignal | undefined;
  /** Items in hand; of `deliveries`, in the order they came. */
  readonly held: Set<Item>;
  readonly deliveries: Held[];
  readonly gathers: number;
  /** How many are still to be given, for `take`. */
  left: number;
  over: boolean;
  /** How many calls of `next` wait. */
  asking: number;
  /** It was told to wait for nothing. */
  draining: boolean;
  /** The item of the latest delivery. */
  latest: Item | undefined;
  /** It belongs to a loop, which alone asks it. */
  readonly owned: boolean;
}

export interface Held {
  readonly delivery: FarDelivery;
  readonly item: Item;
  readonly iteration: Iteration;
  /** Its own loop puts are items of a producer of their own. */
  readonly key: object;
  sequence: number;
}

/** A wait that goes on, and what it could be given up by. */
export interface Wait {
  readonly op: Tracked<unknown>;
  readonly kind: 'put' | 'take' | 'other';
  readonly signal: WatchedSignal | undefined;
  readonly deadline: number | undefined;
  readonly held: () => number;
  readonly gathers: number;
  readonly by: ConsumerSide | undefined;
  readonly excused: () => boolean;
  aborted: boolean;
}

export interface Join {
  readonly op: Tracked<void>;
  /** What had been accepted before. */
  readonly before: readonly Item[];
  /** What had been accepted by the end of its group. */
  after: readonly Item[] | undefined;
}

/** One run: the queue, everything that user code holds, and the model beside it. */
export class World {
  readonly queue: Queue;
  readonly fixture: Fixture;
  readonly model: Model;
  readonly clock: ManualClock | undefined;
  readonly producers: ProducerSide[] = [];
  readonly consumers: ConsumerSide[] = [];
  readonly slots: { readonly role: 'producer' | 'consumer'; readonly close: () => void }[] = [];
  readonly joins: Join[] = [];
  waits: Wait[] = [];
  readonly signals: WatchedSignal[] = [];
  readonly ops: Tracked<unknown>[] = [];
  /** Who has seen the queue end since the last quiescent point, and what it held itself. */
  ends: { readonly what: string; readonly holding: ReadonlySet<Item> }[] = [];
  /** Who has been told since the last quiescent point that nothing waits anywhere. */
  emptied: string[] = [];
  /** Whether anybody has gathered items unseen, so that it is not known from outside what waits. */
  gathering = false;
  /** What was seen and may not be. */
  readonly broken: unknown[] = [];

  constructor(queue: Queue, fixture: Fixture, model: Model) {
    this.queue = queue;
    this.fixture = fixture;
    this.model = model;
    this.clock = fixture.clock;
  }

  get held(): Held[] {
    return this.consumers.flatMap((consumer) =>
      consumer.iterations.flatMap((iteration) => iteration.deliveries),
    );
  }

  get openProducers(): ProducerSide[] {
    return this.producers.filter(({ dead }) => !dead);
  }

  get openConsumers(): ConsumerSide[] {
    return this.consumers.filter(({ dead }) => !dead);
  }

  async addProducer(): Promise<void> {
    if (this.model.closedBefore) {
      const op = this.track('producer() on a closed queue', async () =>
        this.fixture.producer(this.queue),
      );
      await op.over;
      op.refusal('QUEUE_CLOSED');
      return;
    }
    let far: FarProducer;
    try {
      far = await this.fixture.producer(this.queue);
    } catch (error) {
      // Far from home, what opens it and what closes the queue may come there in either order.
      if (codeOf(error) === 'QUEUE_CLOSED' && this.model.closed) return;
      throw error;
    }
    this.model.producers++;
    this.producers.push({ far, key: {}, sequence: 0, open: true, dead: false });
  }

  async addConsumer(): Promise<ConsumerSide> {
    const far = await this.fixture.consumer(this.queue);
    this.model.consumers++;
    const side: ConsumerSide = {
      far,
      lane: newLane(),
      iterations: [],
      seen: new Set(),
      open: true,
      dead: false,
      looping: 0,
      loops: new Set(),
    };
    this.consumers.push(side);
    return side;
  }

  /** Follows an operation, and looks at its outcome as soon as it is known. */
  track<T>(what: string, act: () => T | Promise<T>, look?: (op: Tracked<T>) => void): Tracked<T> {
    const op = new Tracked(what, act);
    this.ops.push(op);
    const see = (): void => {
      try {
        look?.(op);
      } catch (error) {
        this.broken.push(error);
      }
    };
    if (op.pending) void op.over.then(see);
    else see();
    return op;
  }

  /** Follows an operation that may wait. */
  wait<T>(
    what: string,
    kind: Wait['kind'],
    cancel: Cancel | WatchedSignal | undefined,
    act: (options: { signal?: AbortSignal; timeout?: number }) => T | Promise<T>,
    look: (op: Tracked<T>) => void,
    more: {
      held?: () => number;
      gathers?: number;
      by?: ConsumerSide;
      excused?: () => boolean;
    } = {},
  ): Tracked<T> {
    let signal = typeof cancel === 'object' ? cancel : undefined;
    if (cancel === 'signal') {
      signal = watchedSignal();
      this.signals.push(signal);
    }
    const timeout = cancel === 'time' && this.clock !== undefined ? 100 : undefined;
    const options = {
      ...(signal === undefined ? {} : { signal: signal.signal }),
      ...(timeout === undefined ? {} : { timeout }),
    };
    const wait: Wait = {
      op: undefined as never,
      kind,
      signal,
      deadline: timeout === undefined ? undefined : this.clock!.now() + timeout,
      held: more.held ?? (() => 0),
      gathers: more.gathers ?? 0,
      by: more.by,
      excused: more.excused ?? (() => false),
      aborted: signal?.signal.aborted === true,
    };
    const op = this.track(what, () => act(options), (done) => {
      this.allowed(wait, done);
      look(done);
    }); // prettier-ignore
    (wait as { op: Tracked<unknown> }).op = op;
    if (op.pending) this.waits.push(wait);
    return op;
  }

  /** Whether an operation may have failed like that. */
  private allowed(wait: Wait, op: Tracked<unknown>): void {
    if (op.state !== 'failed') return;
    const code = codeOf(op.error);
    if (code === 'ABORTED' && !(wait.signal?.signal.aborted === true))
      fail(`${op.what} was aborted by nobody`);
    if (
      code === 'TIMED_OUT' &&
      !(wait.deadline !== undefined && this.clock!.now() >= wait.deadline)
    )
      fail(`${op.what} timed out too early`);
    const known = [
      'ABORTED',
      'TIMED_OUT',
      'PUT_UNCERTAIN',
      'ENDPOINT_CLOSED',
      'ENDPOINT_LOST',
      'QUEUE_ENDED',
      'CONSUMERS_STUCK',
      'DELIVERY_SETTLED',
    ];
    if (typeof code !== 'string' || !known.includes(code))
      throw op.error instanceof Error ? op.error : new ConformanceError(text(op.error));
  }
}

/** Of an operation that nothing refuses: but where the endpoint's worker has died meanwhile, no answer comes. */
export function given(side: { readonly dead: boolean }): (op: Tracked<unknown>) => void {
  return (op) => {
    if (!(side.dead && codeOf(op.error) === 'ENDPOINT_LOST')) op.given();
  };
}
