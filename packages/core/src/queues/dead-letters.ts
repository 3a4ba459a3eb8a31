import type { DeadLetter, DeadLetterBackend } from '../transport/backend.js';
import { checkCount } from './waits.js';

/**
 * The items of a queue that were given up: delivered `maxDeliveries` times without being acknowledged, or rejected by
 * whoever had them in hand. They count as settled, so that the queue ends without them, and stay here until they are put
 * back, purged, or dropped for newer ones (`deadLetterCapacity`).
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory(), maxDeliveries: 2 });
 * await queue.producer().put('not a number');
 * const deliveries = queue.consumer().deliveries();
 * for (let tries = 0; tries < 2; tries++) {
 *   const { value: delivery } = await deliveries.next();
 *   delivery?.nack(new Error('cannot be parsed'));
 * }
 * for (const { value, attempts, error } of await queue.deadLetters.read())
 *   console.log(value, attempts, String(error)); // prints: not a number 2 Error: cannot be parsed
 * console.log(await queue.deadLetters.putBack('all')); // prints: 1
 * ```
 */
export class DeadLetters<T> {
  private readonly backend: DeadLetterBackend;

  /** @internal Use `queue.deadLetters`. */
  constructor(backend: DeadLetterBackend) {
    this.backend = backend;
  }

  /** How many there are. */
  async size(): Promise<number> {
    return await this.backend.size();
  }

  /** The oldest `max` (default: all), oldest first. They stay where they are. Rejects with `BAD_OPTION`. */
  async read(options: { readonly max?: number | undefined } = {}): Promise<DeadLetter<T>[]> {
    const max = options.max ?? Infinity;
    checkCount('max', max);
    return [...(await this.backend.read(max))] as DeadLetter<T>[];
  }

  /**
   * Puts those with these ids to the queue's tail, as new items whose deliveries are counted afresh, and answers how many it
   * found. It waits for no room: the queue may exceed its capacity by them. On a queue that is not ready it puts none back.
   * Rejects with `QUEUE_ENDED`, `QUEUE_CLOSED` or `TRANSPORT_CLOSED`, and then all stay where they are.
   */
  async putBack(ids: readonly string[] | 'all'): Promise<number> {
    return await this.backend.putBack(ids);
  }

  /** Forgets those with these ids, and answers how many it found. */
  async purge(ids: readonly string[] | 'all'): Promise<number> {
    return await this.backend.purge(ids);
  }
}
