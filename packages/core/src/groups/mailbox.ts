import type { Runtime } from '../runtime/runtime.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { memory } from '../transport/memory/memory.js';

/**
 * What workers send their host: results or messages. Can be listened to and iterated; what nobody iterates is kept up to a
 * bound, the newest of it.
 */
export interface Feed<T> extends AsyncIterable<T> {
  /** Calls back for each one as it comes, until the returned function is called. */
  on(listener: (value: T) => void): () => void;
  /** Iterates over what is kept and what comes, until the worker has stopped. Each one goes to one iteration. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined>;
  /** How many were given up, the oldest first, since nobody iterated. */
  dropped(): Promise<number>;
}

/** The host's own side of a feed. One feed lasts for all runs of its worker; an iteration lasts until the run's end. */
export class Mailbox<T> implements Feed<T> {
  private queue: IterableQueue<T>;
  private producer: ProducerEndpoint<T>;
  private droppedBefore = 0;
  private readonly listeners = new Set<{ readonly call: (value: T) => void }>();
  private readonly capacity: number;
  private readonly runtime: Runtime;

  constructor(runtime: Runtime, capacity: number) {
    this.runtime = runtime;
    this.capacity = capacity;
    this.queue = this.open();
    this.producer = this.queue.producer();
  }

  on(listener: (value: T) => void): () => void {
    const own = { call: listener };
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.queue.consumer()[Symbol.asyncIterator]();
  }

  async dropped(): Promise<number> {
    return this.droppedBefore + (await this.queue.stats()).dropped;
  }

  push(value: T): void {
    void this.producer.put(value);
    for (const { call } of this.listeners) {
      try {
        call(value);
      } catch (error) {
        // As an event's listener: it harms nobody else, and is not silent.
        void Promise.reject(error);
      }
    }
  }

  /** The worker has stopped: iterations end behind what is kept. */
  end(): void {
    this.queue.close();
    void this.producer.close();
  }

  /** A new run begins: what nobody took of the last one is forgotten. */
  async renew(): Promise<void> {
    const { dropped, size } = await this.queue.stats();
    this.droppedBefore += dropped + size;
    this.queue = this.open();
    this.producer = this.queue.producer();
  }

  private open(): IterableQueue<T> {
    return new IterableQueue<T>({ transport: memory({ runtime: this.runtime }), capacity: this.capacity, overflow: 'drop-oldest', acknowledge: 'on-take' });
  }
}
