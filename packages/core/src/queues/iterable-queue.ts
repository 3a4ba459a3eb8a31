import { type CheckAt, type OnTheWay, QueueContract } from '../contracts/queue-contract.js';
import type { StandardSchema } from '../contracts/standard-schema.js';
import { MillraceError } from '../errors/error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Blocker, QueueBackend, QueueEvents, QueueStats } from '../transport/backend.js';
import { type QueueOptions, type QueueSpec, resolveSpec } from '../transport/spec.js';
import type { QueueTransport } from '../transport/transport.js';
import type { Propagation } from '../telemetry/propagation.js';
import type { Aspects } from './aspects.js';
import { ConsumerEndpoint } from './consumer-endpoint.js';
import { DeadLetters } from './dead-letters.js';
import { ProducerEndpoint } from './producer-endpoint.js';
import { ConsumerSlot, ProducerSlot } from './slots.js';
import { asyncDispose } from './travel.js';

export interface IterableQueueOptions<In = unknown, Out = unknown, At extends CheckAt = CheckAt> extends QueueOptions {
  /** Where the queue lives: `memory()`, `workerThreads()`, or another package's. */
  readonly transport: QueueTransport;
  /**
   * What its items have to match: a Standard Schema, as of zod, valibot or arktype. The types follow from it: its input is
   * put, its output is taken. A schema cannot travel: a worker says it again, by `endpoint.checked(schema)`, before it uses
   * an endpoint that is to check (else `SCHEMA_MISSING`). Default: nothing is checked.
   */
  readonly schema?: StandardSchema<In, Out> | undefined;
  /**
   * Where items are checked. `'put'`: what does not match is `VALUE_INVALID` and not put. `'take'`: it becomes a dead letter,
   * and the consumer gets the next item. `'both'`: judged by the producer, made into the schema's output by the consumer.
   * Default `'put'`.
   */
  readonly check?: At | undefined;
  /**
   * Carries a context, such as a trace's, along with its items. It holds for the endpoints that are used where the queue was
   * opened; a worker says its own, by `endpoint.traced(propagation)`. Default: none.
   */
  readonly propagation?: Propagation | undefined;
}

/**
 * A bounded queue from many producers to many consumers that knows when it is done: once it is closed, every producer is
 * closed, and every item is settled, each consumer's iteration ends by itself.
 *
 * The constructor throws `BAD_OPTION`, and `CAPABILITY_MISSING` for what the transport cannot do.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<number>({ transport: memory(), capacity: 10 });
 * const producer = queue.producer();
 * const consumer = queue.consumer();
 * queue.close(); // no producers but this one
 *
 * const summing = (async () => {
 *   let sum = 0;
 *   for await (const n of consumer) sum += n;
 *   return sum;
 * })();
 * for (let n = 1; n <= 100; n++) await producer.put(n);
 * await producer.close();
 * console.log(await summing); // prints: 5050
 * ```
 */
export class IterableQueue<T, In = T, At extends CheckAt = 'put'> {
  readonly spec: QueueSpec;
  /** The items that were given up. */
  readonly deadLetters: DeadLetters<T>;
  /** @internal */
  protected readonly backend: QueueBackend;
  private readonly runtime: Runtime;
  private readonly aspects: Aspects;

  /** @param gate - Internal: `ReadyQueue` has one. */
  constructor(options: IterableQueueOptions<In, T, At>, gate = false) {
    const { transport } = options;
    this.aspects = { contract: QueueContract.of(options), propagation: options.propagation };
    this.spec = resolveSpec(options, gate, transport.name, transport.manifest);
    this.runtime = transport.runtime;
    this.backend = transport.openQueue(this.spec);
    this.deadLetters = new DeadLetters<T>(this.backend.deadLetters);
  }

  get name(): string {
    return this.spec.name;
  }

  /** Opens a producer endpoint. Throws `QUEUE_CLOSED` once the queue is closed. */
  producer(): ProducerEndpoint<In> {
    return new ProducerEndpoint<In>(this.backend.openProducer(this.info()), this.runtime, this.aspects);
  }

  /** Opens a consumer endpoint. On a queue that has ended, its iteration ends at once. */
  consumer(): ConsumerEndpoint<T, In> {
    return new ConsumerEndpoint<T, In>(this.backend.openConsumer(this.info()), this.runtime, this.aspects);
  }

  /** Keeps a producer's place for a worker that may be restarted. Throws `QUEUE_CLOSED` once the queue is closed. */
  producerSlot(): ProducerSlot<OnTheWay<T, In, At>> {
    return new ProducerSlot<OnTheWay<T, In, At>>(this.backend.openSlot('producer', this.info()), this.aspects.contract?.at);
  }

  /** Keeps a consumer's place for a worker that may be restarted. */
  consumerSlot(): ConsumerSlot<OnTheWay<T, In, At>> {
    return new ConsumerSlot<OnTheWay<T, In, At>>(this.backend.openSlot('consumer', this.info()), this.aspects.contract?.at);
  }

  /** Refuses new producers. Those that are open go on; consumers may still be opened. Harmless when repeated. */
  close(): void {
    this.backend.close();
  }

  /**
   * Discards every item that waits, wherever it lies, and resolves with their number once no consumer can get one of them.
   * Items in hand stay valid, but are not delivered again.
   */
  async clear(): Promise<number> {
    return await this.backend.clear();
  }

  /** Resolves when every item that was accepted before this call is settled. */
  async join(): Promise<void> {
    await this.backend.join();
  }

  /** Resolves when the queue has ended, or was disposed. See `blockers()` for why it does not. */
  async ended(): Promise<void> {
    await this.backend.whenEnded();
  }

  async stats(): Promise<QueueStats> {
    return await this.backend.stats();
  }

  /** What keeps the queue from ending: nothing once it has ended. With the `debug` option it says where each was made. */
  async blockers(): Promise<Blocker[]> {
    return await this.backend.blockers();
  }

  /** Listens until the returned function is called. */
  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void {
    return this.backend.on(type, listener);
  }

  /** Gives the queue up: every wait on it fails with `QUEUE_CLOSED`, and what it holds is freed. */
  [asyncDispose](): Promise<void> {
    this.backend.dispose(new MillraceError('QUEUE_CLOSED', `Queue "${this.name}" was disposed of.`, { queue: this.name }));
    return Promise.resolve();
  }

  private info(): { madeAt?: string } {
    if (!this.spec.debug) return {};
    // Without this frame and the one of the method that called it.
    return { madeAt: new Error('made here').stack?.split('\n').slice(3).join('\n') ?? '' };
  }
}
