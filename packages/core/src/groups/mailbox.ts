import type { Runtime } from '../runtime/runtime.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { checkCount } from '../queues/waits.js';
import { MemoryQueues } from '../transport/memory/memory-queues.js';

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
  private ended = false;
  /** Of earlier runs. */
  private droppedBefore: Promise<number> = Promise.resolve(0);
  private readonly listeners = new Set<{ readonly call: (value: T) => void }>();
  private readonly capacity: number;
  private readonly runtime: Runtime;

  constructor(runtime: Runtime, capacity: number) {
    checkCount('feed', capacity);
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
    return iterate(this.queue);
  }

  async dropped(): Promise<number> {
    const { queue, droppedBefore } = this;
    return (await droppedBefore) + (await queue.stats()).dropped;
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
    this.ended = true;
    this.queue.close();
    void this.producer.close();
  }

  /** A new run begins: what nobody took of the last one is forgotten. */
  renew(): void {
    if (!this.ended) return;
    this.ended = false;
    const left = this.queue.stats();
    this.droppedBefore = Promise.all([this.droppedBefore, left]).then(([before, { dropped, size }]) => before + dropped + size);
    this.queue = this.open();
    this.producer = this.queue.producer();
  }

  private open(): IterableQueue<T> {
    return new IterableQueue<T>({ transport: new MemoryQueues(this.runtime), capacity: this.capacity, overflow: 'drop-oldest', acknowledge: 'on-take' });
  }
}

/** Iterates by a consumer of its own, which lasts as long as the iteration. */
function iterate<T>(queue: IterableQueue<T>): AsyncIterableIterator<T, undefined> {
  const consumer = queue.consumer();
  const items = consumer[Symbol.asyncIterator]();
  const leave = async (): Promise<IteratorReturnResult<undefined>> => {
    await items.return?.();
    await consumer.close();
    return { done: true, value: undefined };
  };
  const iteration: AsyncIterableIterator<T, undefined> = {
    [Symbol.asyncIterator]: () => iteration,
    next: async () => {
      const result = await items.next();
      return result.done === true ? leave() : result;
    },
    return: leave,
  };
  return iteration;
}
