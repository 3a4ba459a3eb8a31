import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import type { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { ConsumerSlot, ProducerSlot } from '../queues/slots.js';
import type { TransportManifest } from '../transport/manifest.js';
import type { QueueOptions } from '../transport/spec.js';
import type { Transport } from '../transport/transport.js';
import type { ManualClock } from './clock.js';
import type { FarConsumer, FarProducer } from './far.js';

/**
 * A transport to be proved, and how to set it up. `memoryTarget()` is an example.
 */
export interface TransportUnderTest {
  readonly name: string;
  /** As the transport's own. Says which cases apply. */
  readonly manifest: TransportManifest;
  /** Added to the options of every queue that the cases open: `{ clone: true }`. */
  readonly queue?: QueueOptions;
  /** Its fixtures have a clock. Cases that let time pass apply only then. Default: true. */
  readonly timed?: boolean;
  /** Its fixtures can `crash`. Default: whether the manifest's isolation is other than none. */
  readonly crashes?: boolean;
  /** Its fixtures can `moveProducer` and `moveConsumer`. Default: false. */
  readonly moves?: boolean;
  /** The endpoints are those of this process, so that results may come without a promise. Default: isolation is none. */
  readonly local?: boolean;
  /** Its fixtures' endpoints are objects of this process, far from home or not: functions reach them. Default: false. */
  readonly here?: boolean;
  /** Its puts are accepted, and their values fixed, a moment after they were called. Default: false. */
  readonly putsLater?: boolean;
  /** A queue's clear is under way for a moment: what an endpoint gives back right behind it may be there before. Default: false. */
  readonly clearsLater?: boolean;
  /** How many random sequences. Default 1,000. */
  readonly runs?: number;
  /** Repeats the random sequences of a run that failed and printed this seed; with the path, only the one that failed. */
  readonly seed?: number;
  readonly path?: string;
  /** Sets up a transport of its own for one case. */
  create(options: FixtureOptions): Promise<Fixture> | Fixture;
}

export interface FixtureOptions {
  /**
   * Given in random runs: a fixture that simulates links hands each delivery of a message to it, which calls `deliver`
   * later, in an order of its own among all links, but in order within one `lane`.
   */
  readonly schedule?: (lane: object, deliver: () => void) => void;
}

/** What one case works with. */
export interface Fixture {
  readonly transport: Transport;
  readonly clock?: ManualClock;
  /** Opens a producer where the transport's endpoints work: far from home, if it can. */
  producer(queue: IterableQueue<unknown>): Promise<FarProducer>;
  consumer(queue: IterableQueue<unknown>): Promise<FarConsumer>;
  /** Hands an endpoint or a slot of this process to a worker, and answers what the worker gets. */
  moveProducer?(producer: ProducerEndpoint<unknown> | ProducerSlot<unknown>): Promise<FarProducer>;
  moveConsumer?(consumer: ConsumerEndpoint<unknown> | ConsumerSlot<unknown>): Promise<FarConsumer>;
  /** Resolves when every message under way has arrived and all deferred work is done (but what `schedule` was given). */
  settle(): Promise<void>;
  /** Kills whoever holds the endpoint. */
  crash?(endpoint: FarProducer | FarConsumer): Promise<void>;
  /** Names the listeners, timers and ports that are still there. Asked after `dispose`. */
  leftovers(): string[] | Promise<string[]>;
  /** Closes the transport and whatever else was made. */
  dispose(): Promise<void>;
}
