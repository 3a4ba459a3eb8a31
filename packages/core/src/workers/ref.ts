import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { Peer } from '../protocol/peer.js';
import type { PeerSlot } from '../protocol/peer-slot.js';
import type { Compound } from '../queues/travel.js';
import type { Runtime } from '../runtime/runtime.js';
import type { WorkerChannel } from './channel.js';
import type { ConsumerSlot, ProducerSlot } from '../queues/slots.js';

/** What a worker is told about itself. */
export interface WorkerContext {
  /** The worker's id, as in events and `blockers()`. */
  readonly id: string;
  /** Fires when the worker is asked to stop. */
  readonly signal: AbortSignal;
  /** Messages to and from the host. */
  readonly channel: WorkerChannel;
  /** The clock that the worker's waits use. */
  readonly runtime: Runtime;
}

/** What a worker's module exports by default: it runs once, with the arguments that the host gave. */
export type WorkerFunction<Args, Result> = (args: Args, context: WorkerContext) => Result | Promise<Result>;

/** What a module may export for some kind of worker: a function, a class with a method `work`, or an object with one. */
export type WorkerEntry =
  | ((...args: never[]) => unknown)
  | (new (...args: never[]) => { work(...args: never[]): unknown })
  | { work(...args: never[]): unknown };

/** A worker's module. */
export interface WorkerModule<Entry> {
  readonly default: Entry;
}

/** One typed reference to a worker's module, for every runtime. `Entry` is what the module exports by default. */
export interface WorkerRef<Entry = unknown> {
  /** Loads the module into this process: for memory, and for its types. */
  readonly load: () => Promise<WorkerModule<Entry>>;
  /** Where the module is: for runtimes that start workers by URL. */
  readonly url: string | undefined;
  /** Starts a worker of the runtime's own whose first file serves the module: for browsers. */
  readonly factory?: (() => object) | undefined;
}

/** What a worker's function takes. */
export type ArgsOf<Entry> = Entry extends (args: infer Args, ...rest: never[]) => unknown ? Args : never;
/** What a worker's function returns. */
export type ResultOf<Entry> = Entry extends (...args: never[]) => infer Result ? Awaited<Result> : never;

/**
 * Refers to a worker's module by its `import()`, from which the types follow and which memory runs, by its URL, from which
 * threads start, and by a factory, by which browsers start. Each may be left out where it is not needed: code that runs in
 * browsers alone gives the factory in the URL's place.
 *
 * @param factory - `() => new Worker(new URL('./count.worker.js', import.meta.url), { type: 'module' })`, written out where
 * bundlers see it; that file calls `serveWorker(() => import('./count.js'))` of `@millrace/browser-adapter/worker`
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
export function defineWorker<Entry extends WorkerEntry>(
  load: () => Promise<WorkerModule<Entry>>,
  url?: { readonly href: string } | string | (() => object),
  factory?: () => object,
): WorkerRef<Entry> {
  if (typeof url === 'function') return Object.freeze({ load, url: undefined, factory: url });
  return Object.freeze({ load, url: typeof url === 'object' ? url.href : url, factory });
}

/** What the host gives for a worker's arguments: the same, but that a slot may stand for an endpoint. */
export type HostArgs<Args> =
  Args extends ProducerEndpoint<infer T>
    ? ProducerEndpoint<T> | ProducerSlot<T>
    : Args extends ConsumerEndpoint<infer T>
      ? ConsumerEndpoint<T> | ConsumerSlot<T>
      : Args extends Peer<infer Messages>
        ? Peer<Messages> | PeerSlot<Messages>
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
