import { MillraceError, systemRuntime, type Transport } from '@millrace/core';
import { type HostedParts, SharedQueue } from '@millrace/core/channels';
import { NAME, workersHere, type WorkersHereOptions } from './here.js';

export interface BrowserWorkersOptions extends WorkersHereOptions {
  /**
   * How items reach their consumers. `'shared-memory'`: each worker puts and takes directly, in memory that all share.
   * `'ports'`: by messages to the page or worker that opened the queue. Default: `'shared-memory'` where the page is
   * cross-origin isolated and the browser can wait in it (`Atomics.waitAsync`), elsewhere `'ports'`.
   */
  readonly channel?: 'shared-memory' | 'ports' | undefined;
  /** For each queue in shared memory: for items, in bytes. What does not fit goes by the page or worker that opened it. Default 16 MiB. */
  readonly bytes?: number | undefined;
}

/**
 * Workers in Web Workers. Queues live in memory that all workers share, or in the page or worker that opens them.
 *
 * In a page that is hidden they go on; in one that is frozen, or that the browser keeps when it is left, they stand still with
 * it, and go on with it; with one that is closed or loaded anew they are gone, and so are the queues.
 *
 * Throws `BAD_OPTION`, and `CAPABILITY_MISSING` where memory is to be shared and cannot be.
 *
 * A worker's module is the same file as on Node. Beside it stands a file of two lines, which is what the browser loads, and
 * which bundlers find by the factory that is given to `defineWorker`.
 *
 * @example
 * ```ts
 * // count.ts
 * import type { ProducerEndpoint } from '@millrace/core';
 *
 * export default async function count({ out, upTo }: { out: ProducerEndpoint<number>; upTo: number }) {
 *   for (let n = 1; n <= upTo; n++) await out.put(n);
 *   return upTo;
 * }
 * ```
 *
 * ```ts
 * // count.worker.ts
 * import { serveWorker } from '@millrace/browser-adapter/worker';
 *
 * serveWorker(() => import('./count.js'));
 * ```
 *
 * ```ts
 * // page.ts
 * import { browserWorkers } from '@millrace/browser-adapter';
 * import { defineWorker, IterableQueue } from '@millrace/core';
 *
 * const count = defineWorker(
 *   () => import('./count.js'),
 *   () => new Worker(new URL('./count.worker.js', import.meta.url), { type: 'module' }),
 * );
 *
 * const transport = browserWorkers();
 * const queue = new IterableQueue<number>({ transport });
 * const worker = transport.start(count, { out: queue.producer(), upTo: 3 });
 * queue.close();
 * for await (const n of queue.consumer()) console.log(n); // 1, 2, 3
 * console.log(await worker.result()); // 3
 * ```
 */
export function browserWorkers(options: BrowserWorkersOptions = {}): Transport {
  return workersHere(options, NAME, { home: homeOf(options) });
}

function homeOf({
  channel,
  bytes,
  runtime = systemRuntime,
}: BrowserWorkersOptions): HostedParts['home'] {
  if (bytes !== undefined && !(typeof bytes === 'number' && bytes >= 0 && bytes < Infinity))
    throw badOption('bytes', bytes, 'a number of bytes from 0 up');
  if (channel !== undefined && !['ports', 'shared-memory'].includes(channel))
    throw badOption('channel', channel, '"shared-memory" or "ports"');
  const missing = whyNotShared();
  if (channel === 'shared-memory' && missing !== undefined)
    throw new MillraceError('CAPABILITY_MISSING', missing, { option: 'channel' });
  if (channel === 'ports' || missing !== undefined) return undefined;
  return (spec) => {
    const queue = new SharedQueue(spec, runtime, { bytes });
    return { queue, health: () => queue.health() };
  };
}

function badOption(option: string, value: unknown, must: string): MillraceError {
  const text = `Option ${option} of browserWorkers() is ${String(value)}; it must be ${must}.`;
  return new MillraceError('BAD_OPTION', text, { option, value });
}

/** What keeps this page or worker from sharing memory, and what to do about it. */
function whyNotShared(): string | undefined {
  if (!globalThis.crossOriginIsolated)
    return 'This page cannot share memory, as it is not cross-origin isolated: have its server send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave out the channel, and queues go over message ports.';
  if (!('waitAsync' in Atomics))
    return 'This browser has no Atomics.waitAsync, which queues in shared memory wait by: leave out the channel, and they go over message ports.';
  return undefined;
}
