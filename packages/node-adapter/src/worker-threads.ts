import { MillraceError, type QueueSpec, type Runtime, systemRuntime, type Transport, type TransportManifest } from '@millrace/core';
import { hostedTransport, SharedQueue } from '@millrace/core/channels';
import type { ResourceLimits } from 'node:worker_threads';
import { publish, publishQueue } from './diagnostics.js';
import { startThread } from './thread.js';

const NAME = 'worker-threads';

const manifest: TransportManifest = Object.freeze({
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

export interface WorkerThreadsOptions {
  /** Memory limits for each thread, in MiB, as node:worker_threads has them. Default: Node's own. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /**
   * How long, in ms, a thread whose function has returned may take to end by itself before it is terminated. Default 1000.
   */
  readonly linger?: number | undefined;
  /**
   * How items reach their consumers. `'shared-memory'`: each thread puts and takes directly, in memory that all share.
   * `'ports'`: by messages to the thread that opened the queue, which is faster for large items from many workers to many. Default `'shared-memory'`.
   */
  readonly channel?: 'shared-memory' | 'ports' | undefined;
  /** For each queue in shared memory: for items, in bytes. What does not fit goes by the thread that opened it. Default 16 MiB. */
  readonly bytes?: number | undefined;
  /** The clock. Default: the platform's. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Workers in Node's worker threads. Queues live in memory that all threads share, or with the thread that opens them.
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
 * ```ts run
 * // main.ts
 * import { defineWorker, IterableQueue } from '@millrace/core';
 * import { workerThreads } from '@millrace/node-adapter';
 *
 * const count = defineWorker(() => import('./count.js'), new URL('./count.js', import.meta.url));
 *
 * const transport = workerThreads();
 * const queue = new IterableQueue<number>({ transport });
 * const worker = transport.start(count, { out: queue.producer(), upTo: 3 });
 * queue.close();
 * for await (const n of queue.consumer()) console.log(n);
 * // prints: 1
 * // prints: 2
 * // prints: 3
 * console.log(await worker.result()); // prints: 3
 * ```
 */
export function workerThreads(options: WorkerThreadsOptions = {}): Transport {
  checkOptions(options);
  const runtime = options.runtime ?? systemRuntime;
  const settings = { resourceLimits: options.resourceLimits, linger: options.linger ?? 1000 };
  return hostedTransport({
    name: NAME,
    manifest,
    runtime,
    noun: 'thread',
    ...(options.channel !== 'ports' && {
      home: (spec: QueueSpec) => {
        const queue = new SharedQueue(spec, runtime, { bytes: options.bytes });
        return { queue, health: () => queue.health() };
      },
    }),
    opened: (spec, queue) => {
      publishQueue(NAME, spec, queue);
    },
    start(id, worker, args, start) {
      const thread = startThread(id, worker, args, start, settings);
      publish('millrace:worker:start', { transport: NAME, worker: id, url: worker.url, role: start.role ?? 'function' });
      thread.started().then(
        () => {
          publish('millrace:worker:started', { transport: NAME, worker: id });
        },
        () => undefined,
      );
      void thread.exit.then((exit) => {
        if (exit.status === 'finished') publish('millrace:worker:finished', { transport: NAME, worker: id });
        else publish('millrace:worker:failure', { transport: NAME, worker: id, error: exit.error });
      });
      return thread;
    },
  });
}

/** Node takes some bad limits in silence, and the others only when a thread starts: too late for the endpoints it was given. */
function checkOptions({ linger, resourceLimits, channel, bytes }: WorkerThreadsOptions): void {
  const limits: unknown = resourceLimits ?? {};
  const refuse = (option: string, value: unknown, must: string): never => {
    throw new MillraceError('BAD_OPTION', `Option ${option} of workerThreads() is ${String(value)}; it must be ${must}.`, { option, value });
  };
  if (linger !== undefined && !(typeof linger === 'number' && linger >= 0)) refuse('linger', linger, 'a number of ms from 0 up');
  if (channel !== undefined && !['shared-memory', 'ports'].includes(channel)) refuse('channel', channel, '"shared-memory" or "ports"');
  if (bytes !== undefined && !(typeof bytes === 'number' && bytes >= 0 && bytes < Infinity))
    refuse('bytes', bytes, 'a number of bytes from 0 up');
  if (typeof limits !== 'object') refuse('resourceLimits', limits, 'an object');
  for (const [limit, value] of Object.entries(limits as object))
    if (typeof value !== 'number' || !(value > 0 && value < Infinity))
      refuse(`resourceLimits.${limit}`, value, 'a number of MiB greater than 0');
}
