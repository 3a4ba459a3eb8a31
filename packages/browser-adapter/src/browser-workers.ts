import {
  MillraceError,
  type QueueSpec,
  type Runtime,
  systemRuntime,
  type Transport,
  type TransportManifest,
} from '@millrace/core';
import { hostedTransport, type QueueHome } from '@millrace/core/channels';
import { type Departures, startWorker } from './start.js';

export const manifest: TransportManifest = Object.freeze({
  isolation: 'thread',
  durable: false,
  confirms: 'batch',
  values: 'clone',
  transfer: true,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  gate: true,
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
});

/** How the items of a transport's queues reach their consumers. */
export interface Channel {
  open(spec: QueueSpec, runtime: Runtime): QueueHome;
}

export interface BrowserWorkersOptions {
  /**
   * How items reach their consumers: `sharedMemory()` of `@millrace/browser-adapter/shared-memory`, where the page is
   * cross-origin isolated. Default: by messages to the page or worker that opened the queue.
   */
  readonly channel?: Channel | undefined;
  /**
   * How long, in ms, a worker may take until its module is loaded: not every browser tells of everything that can be in its
   * way. A time in which the page is frozen counts as a quarter of it at most. Infinity waits for ever. Default 30000.
   */
  readonly startTimeout?: number | undefined;
  /**
   * How long, in ms, a worker that has returned or was terminated may take until it is really gone; then it is left to the
   * browser to end it. Default 1000.
   */
  readonly linger?: number | undefined;
  /** The clock. Default: the platform's. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Workers in Web Workers. Queues live in the page or worker that opens them; workers reach them over message ports, or share
 * their memory.
 *
 * In a page that is hidden they go on; in one that is frozen, or that the browser keeps when it is left, they stand still with
 * it, and go on with it; with one that is closed or loaded anew they are gone, and so are the queues.
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
  return workersHere(options, 'browser-workers');
}

/** Workers and queues of this page or worker, for a transport of that name. */
export function workersHere(
  options: BrowserWorkersOptions,
  name: string,
  departures?: Departures,
): Transport {
  checkOptions(options);
  const runtime = options.runtime ?? systemRuntime;
  const { channel } = options;
  const settings = { linger: options.linger ?? 1000, startTimeout: options.startTimeout ?? 30_000 };
  return hostedTransport({
    name,
    manifest,
    runtime,
    noun: 'worker',
    home: channel && ((spec) => channel.open(spec, runtime)),
    start: (id, worker, args, start) => startWorker(id, worker, args, start, settings, departures),
  });
}

function checkOptions({ linger, startTimeout }: BrowserWorkersOptions): void {
  for (const [option, value] of Object.entries({ linger, startTimeout }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new MillraceError(
        'BAD_OPTION',
        `Option ${option} is ${String(value)}; it must be a number of ms from 0 up.`,
        {
          option,
          value,
        },
      );
}
