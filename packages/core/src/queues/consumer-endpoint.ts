import { CheckedConsumer } from '../contracts/checked-consumer.js';
import { Contract } from '../contracts/contract.js';
import type { StandardSchema } from '../contracts/standard-schema.js';
import { MillraceError } from '../errors/error.js';
import { platform, type Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, Departure, EndpointToken, Taken } from '../transport/backend.js';
import type { Propagation } from '../telemetry/propagation.js';
import { TracedLoop } from '../telemetry/traced-loop.js';
import type { Aspects } from './aspects.js';
import type { Delivery } from './delivery.js';
import { refuse } from './direction.js';
import { GetWait, queueEnded } from './get-wait.js';
import type { Iteration, IterationOwner } from './iteration.js';
import type { BatchOptions } from './gathering.js';
import { BatchIterator, DeliveryBatchIterator, DeliveryIterator, ItemIterator } from './iterators.js';
import { movedConsumer } from './moved.js';
import { endpointClosed } from '../transport/memory/home-producer.js';
import { asyncDispose, DEPART, type Traveller } from './travel.js';
import { checkCount, type WaitOptions } from './waits.js';

/** What `deliveryBatches` gives. */
export interface DeliveryBatches<T, In = T> extends AsyncIterableIterator<Delivery<T, In>[], undefined> {
  /** Waits for nothing from now on: what there is makes batches, and then the iteration ends. Harmless when repeated. */
  drain(): void;
}

/**
 * Where items leave a queue. Iterating it gives items until the queue ends; asking for the next item acknowledges the one
 * before, and leaving the loop early gives the item in hand back.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory() });
 * const producer = queue.producer();
 * queue.close();
 * await producer.putMany(['home', 'news']);
 * await producer.close();
 * for await (const page of queue.consumer()) console.log(page);
 * // prints: home
 * // prints: news
 * ```
 */
export class ConsumerEndpoint<T, In = T> implements AsyncIterable<T>, Traveller {
  private readonly reach: IterationOwner;
  private shut = false;
  /** What its queue demands. Unknown here while the worker has not said the schema. */
  private contract: Aspects['contract'];
  private bare: ConsumerBackend;

  /** @internal Use `queue.consumer()`. */
  constructor(backend: ConsumerBackend, runtime: Runtime, { contract, propagation }: Aspects = {}) {
    this.bare = propagation === undefined ? backend : new TracedLoop(backend, propagation);
    this.contract = contract;
    this.reach = { backend: contract === undefined ? this.bare : contract.consumer(this.bare), runtime, iterations: new Set<Iteration<unknown>>() };
  }

  /** Names the endpoint in events, errors and `blockers()`. */
  get id(): string {
    return this.reach.backend.id;
  }

  /**
   * Checks every item from now on, by a Standard Schema (zod, valibot, arktype and others): what does not match becomes a
   * dead letter with a `VALUE_INVALID` error, and the next item comes in its place; of what does, the schema's output is
   * taken. For endpoints in a worker's arguments: the schema of their queue stays behind, and until they are told it they
   * refuse to be used.
   *
   * It is this very endpoint that checks from now on; it is returned with its new type. Checks that take time run side by
   * side for the items of a batch. Throws `BAD_OPTION` for what is no schema, and `ENDPOINT_BUSY` while it is iterated.
   *
   * @example
   * ```ts run
   * import { IterableQueue, memory, type StandardSchema } from '@millrace/core';
   *
   * const number: StandardSchema<string, number> = {
   *   '~standard': {
   *     version: 1,
   *     vendor: 'by hand',
   *     validate: (text) =>
   *       Number.isNaN(Number(text)) ? { issues: [{ message: 'is no number' }] } : { value: Number(text) },
   *   },
   * };
   * const texts = new IterableQueue<string>({ transport: memory(), name: 'texts' });
   * await texts.producer().putMany(['1', 'two', '3']);
   * const numbers = texts.consumer().checked(number);
   * console.log(await numbers.get(), await numbers.get()); // prints: 1 3
   * const [dead] = await texts.deadLetters.read();
   * console.log(dead?.value, String(dead?.error)); // prints: two MillraceError: An item for texts/c2 does not match its schema: is no number.
   * ```
   */
  checked<Out>(schema: StandardSchema<T, Out>): ConsumerEndpoint<Out, In>;
  checked(schema: StandardSchema<T, unknown>): this {
    const { reach } = this;
    if (reach.iterations.size > 0)
      throw new MillraceError('ENDPOINT_BUSY', `Endpoint ${this.id} is being iterated: let it check before.`, { endpoint: this.id });
    if (this.contract?.isKnown === false) {
      this.contract = this.contract.with(schema);
      reach.backend = this.contract.consumer(this.bare);
    } else {
      const contract = new Contract(schema);
      const { backend } = reach;
      reach.backend = backend instanceof CheckedConsumer ? backend.and(contract) : new CheckedConsumer(backend, contract);
    }
    return this;
  }

  /**
   * Writes a context into the headers of what its deliveries put from now on (`delivery.put`). For endpoints in a worker's
   * arguments: they travel without the propagation of their queue. Returns this endpoint.
   */
  traced(propagation: Propagation): this {
    if (this.contract?.isKnown === false) this.bare = new TracedLoop(this.bare, propagation);
    else this.reach.backend = new TracedLoop(this.reach.backend, propagation);
    return this;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new ItemIterator<T>(this.reach);
  }

  /** Iterates as the endpoint itself does, with a signal and a time-out in ms for each wait. */
  items(options?: WaitOptions): AsyncIterableIterator<T, undefined> {
    return new ItemIterator<T>(this.reach, options);
  }

  /** Iterates over exactly `count` items (or to the queue's end), and acknowledges them all. */
  take(count: number, options?: WaitOptions): AsyncIterableIterator<T, undefined> {
    checkCount('count', count);
    return new ItemIterator<T>(this.reach, options, count);
  }

  /** Iterates over deliveries, each of which the loop settles by `ack` or `nack`. Many may be open at a time. */
  deliveries(options?: WaitOptions): AsyncIterableIterator<Delivery<T, In>, undefined> {
    return new DeliveryIterator<T, In>(this.reach, options);
  }

  /** Iterates over arrays of one item or more. At the queue's end a batch is cut at once. */
  batches(options?: BatchOptions): AsyncIterableIterator<T[], undefined> {
    return new BatchIterator<T>(this.reach, options);
  }

  /**
   * Iterates over arrays of deliveries, gathered as `batches` does, each delivery to be settled by the loop. Many batches may
   * be open at a time: `next` may be called again before the last call is answered, and the calls are served in order.
   * Leaving the loop gives back what it was not given; closing the endpoint, all that is not settled.
   *
   * After `drain()` nothing is waited for any more: what is gathered or at hand is handed over at once, in batches that may
   * be partial, and when no item waits anywhere (as exactly as `tryGet` knows it), the iteration ends.
   *
   * @example
   * ```ts run
   * import { IterableQueue, memory } from '@millrace/core';
   *
   * const queue = new IterableQueue<number>({ transport: memory() });
   * await queue.producer().putMany([1, 2, 3]);
   * const batches = queue.consumer().deliveryBatches({ max: 2, within: 60_000 });
   * for await (const batch of batches) {
   *   console.log(batch.map(({ value }) => value).join(' '));
   *   for (const delivery of batch) delivery.ack();
   *   batches.drain(); // a second batch of two would never fill
   * }
   * // prints: 1 2
   * // prints: 3
   * ```
   */
  deliveryBatches(options?: BatchOptions): DeliveryBatches<T, In> {
    return new DeliveryBatchIterator<T, In>(this.reach, options);
  }

  /**
   * Takes one item, waiting until there is one, and acknowledges it once it is here. Rejects with `QUEUE_ENDED` when none
   * will come, with `ABORTED` or `TIMED_OUT` when the wait is given up (no item is lost by it), with `ENDPOINT_CLOSED`,
   * `ENDPOINT_LOST` or `ENDPOINT_MOVED`.
   */
  get(options?: WaitOptions): Promise<T> {
    return GetWait.run(this.reach, options) as Promise<T>;
  }

  /**
   * Takes one item if there is one, in an object, since an item may be undefined itself; undefined when there is none now.
   * Throws `QUEUE_ENDED` when none will come. Never waits for items, but asks the queue's home where that is elsewhere.
   */
  tryGet(): { readonly value: T } | undefined | Promise<{ readonly value: T } | undefined> {
    const { backend } = this.reach;
    const hand = (taken: Taken | undefined): { readonly value: T } | undefined => {
      if (taken === undefined) {
        if (backend.ended(0)) throw queueEnded(backend.id);
        return undefined;
      }
      backend.ack(taken);
      return { value: taken.value as T };
    };
    const taken = backend.tryTake();
    return taken instanceof Promise ? taken.then(hand) : hand(taken);
  }

  /**
   * Takes up to `max` items, waiting for the first, and then up to `within` ms (default 0) for more. They are acknowledged
   * once they are here. An empty array says that the queue has ended. A wait that is given up loses none.
   */
  async takeMany(max: number, options?: Omit<BatchOptions, 'max'>): Promise<T[]> {
    const batch = new BatchIterator<T>(this.reach, { ...options, max }, true);
    const { done, value } = await batch.next();
    batch.leave();
    return done === true ? [] : value;
  }

  /** Acknowledges what this endpoint's plain iterations have in hand, so that a `break` that follows gives nothing back. */
  ack(): void {
    for (const iteration of this.reach.iterations) iteration.settle();
  }

  /** Resolves when the queue's home knows of everything that was settled here. */
  async flush(): Promise<void> {
    await this.reach.backend.flush();
  }

  /**
   * Closes the endpoint. Whatever it has not settled goes back to the queue, to be delivered again; waits fail with
   * `ENDPOINT_CLOSED`. Closing twice is harmless.
   */
  async close(): Promise<void> {
    this.shut = true;
    const { backend, iterations } = this.reach;
    // First, so that none of them takes what the others give back.
    for (const iteration of [...iterations]) {
      if (!iteration.inLine) continue;
      backend.unpark(iteration);
      iteration.fail(endpointClosed(backend.id));
    }
    for (const iteration of [...iterations]) {
      iteration.giveAllBack();
      // Its item had come, and goes back unseen.
      if (iteration.waits) iteration.fail(endpointClosed(backend.id));
    }
    await this.reach.backend.close();
  }

  get closed(): boolean {
    return this.shut;
  }

  /** A stream of the items, fetched one at a time as they are read. Cancelling it gives the item in hand back. */
  toReadable(): ReadableStream<T> {
    const iterator = this[Symbol.asyncIterator]();
    return new platform.ReadableStream<T>(
      {
        pull: async (controller) => {
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          await iterator.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes every item to a stream, acknowledging each when it was written, and closes the stream at the queue's end. */
  async pipeTo(stream: WritableStream<T>, options?: WaitOptions): Promise<void> {
    const writer = stream.getWriter();
    for await (const item of this.items(options)) await writer.write(item);
    await writer.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  [DEPART](via: Departure): EndpointToken;
  [DEPART](via: Departure, only: 'check'): undefined;
  [DEPART](via: Departure, only?: 'check'): EndpointToken | undefined {
    const { backend, iterations } = this.reach;
    if (this.shut) throw new MillraceError('ENDPOINT_CLOSED', `Endpoint ${backend.id} is closed and cannot be handed over.`);
    if (iterations.size > 0)
      throw new MillraceError('ENDPOINT_BUSY', `Endpoint ${backend.id} is being iterated here and cannot be handed over.`);
    if (backend.depart === undefined)
      throw new MillraceError('CAPABILITY_MISSING', `Endpoint ${backend.id} cannot be handed over: its transport has no workers.`);
    if (only === 'check') {
      backend.checkDepart?.(via);
      return undefined;
    }
    const token = backend.depart(via);
    this.reach.backend = movedConsumer(backend.id);
    return this.contract === undefined ? token : { ...token, check: this.contract.at };
  }
}

refuse(ConsumerEndpoint, 'consumer', 'producer', ['put', 'tryPut', 'putMany', 'putAll', 'whenRoom']);
