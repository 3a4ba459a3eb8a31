import type { ErrorCode } from '../errors/error.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import { ReadyQueue } from '../queues/ready-queue.js';
import { systemRuntime } from '../runtime/runtime.js';
import type { QueueStats } from '../transport/backend.js';
import type { QueueOptions } from '../transport/spec.js';
import { type CodedError, equal, fail, ok, text } from './assert.js';
import type { ManualClock } from './clock.js';
import type { FarConsumer, FarDelivery, FarIterator, FarProducer } from './far.js';
import { watchedSignal, type WatchedSignal } from './signals.js';
import type { Fixture, TransportUnderTest } from './target.js';
import { Tracked } from './tracked.js';

export type Queue = IterableQueue<unknown>;
export type Ready = ReadyQueue<unknown>;

export interface Pair {
  readonly queue: Queue;
  readonly producer: FarProducer;
  readonly consumer: FarConsumer;
}

/** What a case works at: it opens queues and endpoints, follows every operation, and sees to it that nothing is left. */
export class Bench {
  readonly target: TransportUnderTest;
  readonly fixture: Fixture;
  private readonly tracked: Tracked<unknown>[] = [];
  private readonly signals: WatchedSignal[] = [];
  private readonly endpoints: (FarProducer | FarConsumer)[] = [];

  constructor(target: TransportUnderTest, fixture: Fixture) {
    this.target = target;
    this.fixture = fixture;
  }

  queue(options: QueueOptions = {}): Queue {
    return new IterableQueue<unknown>({
      ...this.target.queue,
      ...options,
      transport: this.fixture.transport,
    });
  }

  readyQueue(options: QueueOptions = {}): Ready {
    return new ReadyQueue<unknown>({
      ...this.target.queue,
      ...options,
      transport: this.fixture.transport,
    });
  }

  async producer(queue: Queue): Promise<FarProducer> {
    const producer = await this.fixture.producer(queue);
    this.endpoints.push(producer);
    return producer;
  }

  async consumer(queue: Queue): Promise<FarConsumer> {
    const consumer = await this.fixture.consumer(queue);
    this.endpoints.push(consumer);
    return consumer;
  }

  /** Remembers an endpoint that came about in another way, to close it at the end. */
  keep<E extends FarProducer | FarConsumer>(endpoint: E): E {
    this.endpoints.push(endpoint);
    return endpoint;
  }

  /** A queue with one endpoint on each side. */
  async pair(options?: QueueOptions): Promise<Pair> {
    const queue = this.queue(options);
    return { queue, producer: await this.producer(queue), consumer: await this.consumer(queue) };
  }

  /** Starts an operation and follows it. */
  op<T>(what: string, act: () => T | Promise<T>): Tracked<T> {
    const tracked = new Tracked(what, act);
    this.tracked.push(tracked);
    return tracked;
  }

  signal(): WatchedSignal {
    const signal = watchedSignal();
    this.signals.push(signal);
    return signal;
  }

  get clock(): ManualClock {
    return this.fixture.clock ?? fail('this case needs a fixture with a clock');
  }

  async settle(): Promise<void> {
    await this.fixture.settle();
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.fixture.settle();
  }

  /** Nothing can happen any more, and the operation waits. */
  async waits(...ops: Tracked<unknown>[]): Promise<void> {
    await this.fixture.settle();
    for (const op of ops)
      ok(
        op.pending,
        `${op.what}: should wait, but ${op.state === 'done' ? `gave ${text(op.value)}` : `failed with ${text(op.error)}`}`,
      );
  }

  /** What the operation gave, once nothing can happen any more. */
  async given<T>(op: Tracked<T>): Promise<T> {
    if (op.pending) await this.fixture.settle();
    return op.given();
  }

  /** The same of operations that were started all at once. */
  async givenAll<T>(ops: readonly Tracked<T>[]): Promise<T[]> {
    const all: T[] = [];
    for (const op of ops) all.push(await this.given(op));
    return all;
  }

  async gives<T>(op: Tracked<T>, expected: unknown): Promise<void> {
    equal(await this.given(op), expected, op.what);
  }

  async refused(op: Tracked<unknown>, code: ErrorCode): Promise<CodedError> {
    if (op.pending) await this.fixture.settle();
    return op.refusal(code);
  }

  /** Puts each value, as a loop does; each must be accepted without waiting. */
  async put(producer: FarProducer, ...values: unknown[]): Promise<void> {
    if (values.length === 1) {
      const [value] = values;
      await this.gives(
        this.op(`put ${text(value)}`, () => producer.put(value)),
        'accepted',
      );
    } else
      await this.inTurn(`put ${values.length}`, values, async (value) => {
        equal(await producer.put(value), 'accepted', `put ${text(value)}`);
      });
  }

  /** Takes `count` items, one after the other, which must be there. */
  async get(consumer: FarConsumer, count: number): Promise<unknown[]> {
    if (count === 1) return [await this.given(this.op('get', () => consumer.get()))];
    return this.inTurn(`get ${count}`, numbers(count), () => consumer.get());
  }

  /** The next `count` deliveries, which must be there. */
  async nexts<T>(iterator: FarIterator<T>, count: number): Promise<T[]> {
    return this.inTurn(`next ${count}`, numbers(count), async () => {
      const { done, value } = await iterator.next();
      if (done === true) fail('the iteration has ended');
      return value;
    });
  }

  /** One thing after the other, as one operation: what is far settles once for it. */
  private async inTurn<T, U>(
    what: string,
    on: readonly T[],
    act: (one: T) => U | Promise<U>,
  ): Promise<U[]> {
    return this.given(
      this.op(what, async () => {
        const all: U[] = [];
        for (const one of on) all.push(await act(one));
        return all;
      }),
    );
  }

  /** The next delivery, which must be there. */
  async next<T>(iterator: FarIterator<T>, what = 'next'): Promise<T> {
    const { done, value } = await this.given(this.op(what, () => iterator.next()));
    if (done === true) fail(`${what}: the iteration has ended`);
    return value;
  }

  async ends(iterator: FarIterator<unknown>, what = 'next at the end'): Promise<void> {
    const result = await this.given(this.op(what, () => iterator.next()));
    ok(result.done === true, `${what}: gave ${text(result.value)}, expected the iteration to end`);
  }

  /** Iterates to the end in the background: all items, as a `for await` loop sees them. */
  collect(consumer: FarConsumer, what = 'iterating to the end'): Tracked<unknown[]> {
    return this.op(what, () => all(consumer.items()));
  }

  async stats(queue: Queue): Promise<QueueStats> {
    await this.fixture.settle();
    return await queue.stats();
  }

  async hasStats(queue: Queue, expected: Partial<QueueStats>): Promise<void> {
    const stats = await this.stats(queue);
    for (const [key, value] of Object.entries(expected))
      equal(stats[key as keyof QueueStats], value, `stats().${key}`);
  }

  /** Everything that is in the queue, taken by a consumer of its own which then leaves. */
  async remaining(queue: Queue): Promise<unknown[]> {
    const { size } = await this.stats(queue);
    const consumer = await this.consumer(queue);
    const got = size === 0 ? [] : await this.get(consumer, size);
    await this.given(this.op('close', () => consumer.close()));
    return got;
  }

  /** One item, taken by a consumer of its own which then leaves. */
  async remainingOne(queue: Queue): Promise<unknown> {
    const consumer = await this.consumer(queue);
    const got = await this.get(consumer, 1);
    await this.given(this.op('close', () => consumer.close()));
    return got[0];
  }

  /** Closes everything; whatever is left then is a broken rule. */
  async finish(): Promise<void> {
    for (const endpoint of this.endpoints) this.op(`close ${endpoint.id}`, () => endpoint.close());
    await this.fixture.settle();
    await this.fixture.dispose();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    this.fixture.clock?.runDeferred();
    await nextTurn();
  }

  /** Names what should not be there after `finish`. */
  async left(): Promise<string[]> {
    const left = this.tracked.filter((op) => op.pending).map((op) => `the promise of ${op.what}`);
    const listeners = this.signals.reduce((sum, signal) => sum + signal.listeners(), 0);
    if (listeners > 0) left.push(`${listeners} listeners on abort signals`);
    const pending = this.fixture.clock?.pending();
    if (pending !== undefined && pending.timers > 0) left.push(`${pending.timers} timers`);
    return [...left, ...(await this.fixture.leftovers())];
  }
}

/** Everything that an iteration gives, each item acknowledged by asking for the next. */
export async function all<T>(iterator: FarIterator<T>): Promise<T[]> {
  const got: T[] = [];
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next())
    got.push(step.value);
  return got;
}

/** All items to the queue's end with their attempts, each acknowledged when it comes. */
export async function allDeliveries(
  iterator: FarIterator<FarDelivery>,
): Promise<[value: unknown, attempt: number][]> {
  const got: [unknown, number][] = [];
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    got.push([step.value.value, step.value.attempt]);
    await step.value.ack();
  }
  return got;
}

/** Lets everything happen that is under way in this process. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    systemRuntime.defer(resolve);
  });
}

export function numbers(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
