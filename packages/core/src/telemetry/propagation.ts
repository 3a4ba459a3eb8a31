import type { ItemHeaders } from '../transport/backend.js';

/**
 * Carries a context along with items, such as that of a trace: written into an item's headers when it is put, and read from
 * there by whoever works on it. Core knows nothing of what is written.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory, type Propagation } from '@millrace/core';
 *
 * let request = 'none';
 * const requests: Propagation = {
 *   inject: (headers) => {
 *     headers['request'] = request;
 *   },
 * };
 * const queue = new IterableQueue<string>({ transport: memory(), propagation: requests });
 * const producer = queue.producer();
 * for (request of ['r1', 'r2']) await producer.put(`page of ${request}`);
 * for await (const { value, headers } of queue.consumer().deliveries()) {
 *   console.log(value, headers?.['request']);
 *   if (value === 'page of r2') break;
 * }
 * // prints: page of r1 r1
 * // prints: page of r2 r2
 * ```
 */
export interface Propagation {
  /**
   * Writes the context of now into the headers of what is being put: within the call of `put`, and once for a `putMany`, whose
   * items share them. Headers that the put was given are there already. What it throws surfaces as an unhandled rejection,
   * and the item is put without.
   */
  inject(headers: Record<string, string>): void;
  /**
   * Runs a Consumer's work on a batch, in whatever context the headers of its items tell of, and gives back what the work
   * gives. Default: the work is just run.
   */
  extract?<Result>(headers: readonly (ItemHeaders | undefined)[], work: () => Result): Result;
}
