import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { Compound } from '../queues/travel.js';
import type { ConsumerSlot, ProducerSlot } from '../queues/slots.js';

/** What a worker is told about itself. */
export interface WorkerContext {
  /** The worker's id, as in events and `blockers()`. */
  readonly id: string;
  /** Fires when the worker is asked to stop. */
  readonly signal: AbortSignal;
}

/** What a worker's module exports by default: it runs once, with the arguments that the host gave. */
export type WorkerFunction<Args, Result> = (args: Args, context: WorkerContext) => Result | Promise<Result>;

/** A worker's module. */
export interface WorkerModule<Args, Result> {
  readonly default: WorkerFunction<Args, Result>;
}

/** One typed reference to a worker's module, for every runtime. */
export interface WorkerRef<Args, Result> {
  /** Loads the module into this process: for memory, and for its types. */
  readonly load: () => Promise<WorkerModule<Args, Result>>;
  /** Where the module is: for runtimes that start workers by URL. */
  readonly url: string | undefined;
}

/**
 * Refers to a worker's module by its `import()`, from which the types follow and which memory runs, and by its URL, from
 * which threads start.
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
 * import { defineWorker, IterableQueue, memory } from '@millrace/core';
 *
 * const count = defineWorker(() => import('./count.js'), new URL('./count.js', import.meta.url));
 *
 * const transport = memory();
 * const queue = new IterableQueue<number>({ transport });
 * const worker = transport.start(count, { out: queue.producer(), upTo: 3 });
 * console.log(await worker.result()); // prints: 3
 * ```
 */
export function defineWorker<Args, Result>(
  load: () => Promise<WorkerModule<Args, Result>>,
  url?: { readonly href: string } | string,
): WorkerRef<Args, Result> {
  return Object.freeze({ load, url: typeof url === 'object' ? url.href : url });
}

/** What the host gives for a worker's arguments: the same, but that a slot may stand for an endpoint. */
export type HostArgs<Args> =
  Args extends ProducerEndpoint<infer T>
    ? ProducerEndpoint<T> | ProducerSlot<T>
    : Args extends ConsumerEndpoint<infer T>
      ? ConsumerEndpoint<T> | ConsumerSlot<T>
      : Args extends Opaque | Compound
        ? Args
        : Args extends ReadonlyMap<infer K, infer V>
          ? ReadonlyMap<HostArgs<K>, HostArgs<V>>
          : Args extends ReadonlySet<infer V>
            ? ReadonlySet<HostArgs<V>>
            : Args extends object
              ? { [K in keyof Args]: HostArgs<Args[K]> }
              : Args;

/** What is handed over as it is. */
type Opaque = ArrayBufferLike | ArrayBufferView | Date | RegExp | Error | ((...args: never) => unknown);
