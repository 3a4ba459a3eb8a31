import type { CheckAt } from '../contracts/queue-contract.js';
import type { GateBackend } from '../transport/backend.js';
import { IterableQueue, type IterableQueueOptions } from './iterable-queue.js';

/**
 * A queue that takes items only while somebody is ready for them. While it is not ready, as it is at first, puts are
 * answered `'refused'` at once and it holds nothing, so that nobody is ever given what was made before they wanted it. May be
 * lossy or not.
 *
 * The constructor throws `BAD_OPTION`, and `CAPABILITY_MISSING` for what the transport cannot do.
 *
 * @example
 * ```ts run
 * import { memory, ReadyQueue } from '@millrace/core';
 *
 * const queue = new ReadyQueue<string>({ transport: memory(), capacity: 2, overflow: 'drop-oldest' });
 * const producer = queue.producer();
 * console.log(await producer.put('too early')); // prints: refused
 * await queue.setReady();
 * for (const item of ['old', 'newer', 'newest']) await producer.put(item);
 * console.log(await queue.consumer().takeMany(2)); // prints: [ 'newer', 'newest' ]
 * await producer.put('never taken');
 * console.log(await queue.setNotReady()); // prints: 1
 * ```
 */
export class ReadyQueue<T, In = T, At extends CheckAt = 'put'> extends IterableQueue<T, In, At> {
  private readonly gate: GateBackend;
  private isReady = false;

  constructor(options: IterableQueueOptions<In, T, At>) {
    super(options, true);
    const { gate } = this.backend;
    if (gate === undefined) throw new Error('unreachable: a transport whose manifest has gates opens them');
    this.gate = gate;
    this.on('ready', ({ ready }) => {
      this.isReady = ready;
    });
  }

  /** Whether it takes items. */
  get ready(): boolean {
    return this.isReady;
  }

  /**
   * Takes items from now on. Resolves when every producer knows, wherever it works: a put of one that does not know yet may
   * still be refused. Rejects with `QUEUE_CLOSED` or `TRANSPORT_CLOSED` once it is disposed of.
   */
  async setReady(): Promise<void> {
    await this.gate.setReady();
  }

  /**
   * Takes nothing from now on, and discards what waits, in one step; resolves with their number once no consumer can get one
   * of them. Puts that wait are answered `'refused'`. Items in hand stay valid, but are not delivered again. Rejects as
   * `setReady` does.
   */
  async setNotReady(): Promise<number> {
    return await this.gate.setNotReady();
  }

  /**
   * Takes nothing from now on, and keeps what waits, to be taken to the last. Puts that wait are answered `'refused'`. Resolves
   * when every producer knows. Rejects as `setReady` does.
   */
  async refuse(): Promise<void> {
    await this.gate.refuse();
  }
}
