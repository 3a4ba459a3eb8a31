import { CheckedProducer } from '../contracts/checked-producer.js';
import { Contract } from '../contracts/contract.js';
import type { StandardSchema } from '../contracts/standard-schema.js';
import { MillraceError } from '../errors/error.js';
import { platform, type Runtime } from '../runtime/runtime.js';
import type { Departure, EndpointToken, ItemHeaders, ProducerBackend, PutAnswer, PutMeta } from '../transport/backend.js';
import { endpointClosed } from '../transport/memory/home-producer.js';
import type { Propagation } from '../telemetry/propagation.js';
import { TracedProducer } from '../telemetry/traced-producer.js';
import type { Aspects } from './aspects.js';
import { refuse } from './direction.js';
import { fixHeaders } from './headers.js';
import { movedProducer } from './moved.js';
import { PutWait, type PutManyAnswer } from './put-wait.js';
import { type ACCEPTS, asyncDispose, DEPART, type Traveller } from './travel.js';
import { checkWait, type WaitOptions } from './waits.js';

export interface PutOptions extends WaitOptions {
  /** Buffers, ports and streams within the value that are moved instead of copied. */
  readonly transfer?: readonly object[] | undefined;
  /** The id that a `PUT_UNCERTAIN` error named: the item is put only if that put has not arrived. */
  readonly id?: string | undefined;
  /** A small record of strings that travels with the item, and is its delivery's `headers`: trace context, for one. */
  readonly headers?: ItemHeaders | undefined;
}

/**
 * Where items enter a queue. Made by `queue.producer()`, and closed by whoever holds it: the queue ends only when all its
 * producers are closed.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory() });
 * {
 *   await using producer = queue.producer(); // closed at the end of the block
 *   for (const page of ['home', 'news']) await producer.put(page);
 * }
 * queue.close();
 * console.log((await queue.consumer().takeMany(10)).join(' ')); // prints: home news
 * ```
 */
export class ProducerEndpoint<T> implements Traveller {
  declare readonly [ACCEPTS]: (item: T) => void;
  private backend: ProducerBackend;
  private readonly runtime: Runtime;
  private shut = false;
  /** What its queue demands. Unknown here while the worker has not said the schema. */
  private contract: Aspects['contract'];
  private bare: ProducerBackend;

  /** @internal Use `queue.producer()`. */
  constructor(backend: ProducerBackend, runtime: Runtime, { contract, propagation }: Aspects = {}) {
    this.bare = propagation === undefined ? backend : new TracedProducer(backend, propagation);
    this.backend = contract === undefined ? this.bare : contract.producer(this.bare);
    this.runtime = runtime;
    this.contract = contract;
  }

  /** Names the endpoint in events, errors and `blockers()`. */
  get id(): string {
    return this.backend.id;
  }

  /**
   * Checks every item from now on, by a Standard Schema (zod, valibot, arktype and others): what does not match is
   * `VALUE_INVALID`, with `details.issues`, and is not put; of what does, the schema's output is put. For endpoints in a
   * worker's arguments: the schema of their queue stays behind, and until they are told it they refuse to be used.
   *
   * It is this very endpoint that checks from now on; it is returned with its new type. Checks that take time run side by
   * side, and the items are put in the order in which they were offered. With a schema whose check takes time a put answers
   * by a promise, and its value must not be changed before.
   *
   * With `transform: false` items are only judged, and put as they are: for queues whose consumers check by the same schema.
   * Throws `BAD_OPTION` for what is no schema.
   *
   * @example
   * ```ts run
   * import { hasCode, IterableQueue, memory, type StandardSchema } from '@millrace/core';
   *
   * const dish: StandardSchema<string> = {
   *   '~standard': {
   *     version: 1,
   *     vendor: 'by hand',
   *     validate: (value) => (value === 'soup' ? { value } : { issues: [{ message: 'is not on the menu' }] }),
   *   },
   * };
   * const orders = new IterableQueue<string>({ transport: memory(), name: 'orders' }).producer().checked(dish);
   * await orders.put('soup');
   * try {
   *   await orders.put('salad');
   * } catch (error) {
   *   if (hasCode(error, 'VALUE_INVALID')) console.log(error.message);
   *   // prints: The item for orders/p1 does not match its schema: is not on the menu.
   * }
   * ```
   */
  checked<In>(schema: StandardSchema<In, T>): ProducerEndpoint<In>;
  checked(schema: StandardSchema<T, unknown>, options: { readonly transform: false }): ProducerEndpoint<T>;
  checked(schema: StandardSchema<unknown, unknown>, options?: { readonly transform: false }): this {
    const keeps = options?.transform === false;
    if (this.contract?.isKnown === false) {
      this.contract = this.contract.with(schema);
      this.backend = keeps ? new CheckedProducer(this.bare, new Contract(schema, true)) : this.contract.producer(this.bare);
    } else this.backend = new CheckedProducer(this.backend, new Contract(schema, keeps));
    return this;
  }

  /**
   * Writes a context into the headers of every item that is put from now on. For endpoints in a worker's arguments: they
   * travel without the propagation of their queue. Returns this endpoint.
   */
  traced(propagation: Propagation): this {
    if (this.contract?.isKnown === false) this.bare = new TracedProducer(this.bare, propagation);
    else this.backend = new TracedProducer(this.backend, propagation);
    return this;
  }

  /** @internal What is put here was checked by whoever puts it. */
  trusted(): void {
    if (this.contract?.isKnown === false) this.backend = this.bare;
  }

  /**
   * Puts one item, waiting while the queue is full. The value is fixed when this returns: changing it afterwards changes
   * nothing. Answers without a promise when the item was accepted at once; `await` takes both.
   *
   * On a queue that waits the answer is always `'accepted'`; on a lossy one `'dropped'` says that this item, or (with
   * `drop-newest`) itself, found no room.
   *
   * Throws `VALUE_NOT_CLONEABLE` (naming the path), `VALUE_INVALID` (where it is checked), `ENDPOINT_CLOSED`, `ENDPOINT_LOST`, `ENDPOINT_MOVED`, `BAD_OPTION`,
   * `TRANSFER_REFUSED`. The wait rejects with `ABORTED` or `TIMED_OUT`, when surely nothing was put, or with
   * `PUT_UNCERTAIN`, when the item was sent and no answer has come: put it again with the error's `details.id`.
   */
  put(value: T, options?: PutOptions): PutAnswer | Promise<PutAnswer> {
    if (options !== undefined) return PutWait.run(this.backend, this.runtime, [value], metaOf(options), options, lastAnswer);
    const answer = this.backend.offer(value);
    if (answer === 'full') return PutWait.run(this.backend, this.runtime, [value], undefined, undefined, lastAnswer);
    return answer;
  }

  /** Puts one item if there is room, and answers `false` if not. Never waits for room. Throws as `put` does. */
  tryPut(value: T, options?: Omit<PutOptions, keyof WaitOptions>): boolean | Promise<boolean> {
    const answer = this.backend.tryOffer(value, options === undefined ? undefined : metaOf(options));
    return typeof answer === 'string' ? answer === 'accepted' : answer.then((known) => known === 'accepted');
  }

  /**
   * Puts all items in order, waiting as `put` does. All are judged before the first is put, so that a bad one puts none. A
   * wait that is given up says in `details.accepted` how many were put.
   */
  putMany(values: readonly T[], options?: WaitOptions): PutManyAnswer | Promise<PutManyAnswer> {
    if (values.length === 0) {
      if (options !== undefined) checkWait('The put', options);
      if (this.shut) throw endpointClosed(this.id);
      return { accepted: 0, dropped: 0, refused: 0 };
    }
    if (options === undefined && this.backend.offerAll?.(values) === true) return { accepted: values.length, dropped: 0, refused: 0 };
    return PutWait.run(this.backend, this.runtime, [...values], undefined, options, (wait) => wait.counts);
  }

  /**
   * Resolves when a put would not have to wait for room; undefined when it would not now. For producers that are to make an
   * item only when there is room for it: nothing is reserved, so if others put meanwhile, the put waits after all. Served
   * in turn with this endpoint's puts that wait, and costs nothing while it waits. On a lossy queue a put never waits.
   *
   * Throws `ENDPOINT_CLOSED`, `ENDPOINT_LOST`, `ENDPOINT_MOVED`; the wait rejects with these, with `ABORTED` or with
   * `TIMED_OUT`.
   *
   * @example
   * ```ts run
   * import { IterableQueue, memory } from '@millrace/core';
   *
   * const queue = new IterableQueue<string>({ transport: memory(), capacity: 1 });
   * const producer = queue.producer();
   * const consumer = queue.consumer();
   * await producer.put('first');
   * const room = producer.whenRoom();
   * console.log(await consumer.get()); // prints: first
   * await room;
   * await producer.put('made when there was room');
   * console.log(await consumer.get()); // prints: made when there was room
   * ```
   */
  whenRoom(options?: WaitOptions): Promise<void> | undefined {
    return PutWait.whenRoom(this.backend, this.runtime, options);
  }

  /** Puts all that an iterable or a stream gives. Its end does not close the endpoint. */
  async putAll(source: Iterable<T> | AsyncIterable<T> | ReadableStream<T>, options?: WaitOptions): Promise<void> {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) {
      for await (const value of source) await this.put(value, options);
      return;
    }
    const reader = source.getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) await this.put(read.value as T, options);
    } catch (error) {
      await reader.cancel(error);
      throw error;
    } finally {
      reader.releaseLock();
    }
  }

  /** Resolves when the queue's home has every item that was accepted here: not those whose puts still wait. */
  async flush(): Promise<void> {
    await this.backend.flush();
  }

  /**
   * Closes the endpoint behind its own items, and resolves when its home has them all. Puts that still wait fail with
   * `ENDPOINT_CLOSED`. Closing twice is harmless.
   */
  async close(): Promise<void> {
    this.shut = true;
    await this.backend.close();
  }

  get closed(): boolean {
    return this.shut;
  }

  /** A stream that puts what is written to it, with the queue's back-pressure; closing it closes the endpoint. */
  toWritable(): WritableStream<T> {
    return new platform.WritableStream<T>({
      write: async (chunk) => {
        await this.put(chunk);
      },
      close: () => this.close(),
      abort: () => this.close(),
    });
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  [DEPART](via: Departure): EndpointToken;
  [DEPART](via: Departure, only: 'check'): undefined;
  [DEPART](via: Departure, only?: 'check'): EndpointToken | undefined {
    const { backend } = this;
    if (this.shut) throw new MillraceError('ENDPOINT_CLOSED', `Endpoint ${backend.id} is closed and cannot be handed over.`);
    if (backend.depart === undefined)
      throw new MillraceError('CAPABILITY_MISSING', `Endpoint ${backend.id} cannot be handed over: its transport has no workers.`);
    if (only === 'check') {
      backend.checkDepart?.(via);
      return undefined;
    }
    const token = backend.depart(via);
    this.backend = movedProducer(backend.id);
    return this.contract === undefined ? token : { ...token, check: this.contract.at };
  }
}

function lastAnswer(wait: PutWait): PutAnswer {
  return wait.last;
}

function metaOf({ transfer, id, headers }: Omit<PutOptions, keyof WaitOptions>): PutMeta | undefined {
  const moves = transfer !== undefined && transfer.length > 0;
  if (!moves && id === undefined && headers === undefined) return undefined;
  return { transfer: moves ? transfer : undefined, id, headers: fixHeaders(headers) };
}

refuse(ProducerEndpoint, 'producer', 'consumer', ['get', 'tryGet', 'takeMany', 'items', 'take', 'deliveries', 'batches', 'deliveryBatches', 'ack']);
