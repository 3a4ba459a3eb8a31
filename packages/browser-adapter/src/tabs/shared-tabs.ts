import {
  type ArgsOf,
  type HostArgs,
  MillraceError,
  type QueueBackend,
  type QueueSpec,
  type ResultOf,
  type StartOptions,
  systemRuntime,
  type Transport,
  type TransportHealth,
  type TransportManifest,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import { manifest as ofWorkers, workersHere, type WorkersHereOptions } from '../here.js';
import type { Departures } from '../start.js';
import { NAME } from './errors.js';
import { ElectedReach, SharedWorkerReach } from './reach.js';
import { type Given, Session } from './session.js';
import { TabQueue } from './tab-queue.js';

const manifest: TransportManifest = Object.freeze({ ...ofWorkers, isolation: 'process' });

/** A tab has no way to move anything to another tab. */
const electedManifest: TransportManifest = Object.freeze({ ...manifest, transfer: false });

export interface SharedTabsOptions extends WorkersHereOptions {
  /**
   * Starts the host, or finds the one that runs: a SharedWorker whose file calls `serveTabs()`. Written out, bundlers see it.
   * Absent, or where there is no SharedWorker: one of the tabs is the host.
   */
  readonly worker?: (() => SharedWorker) | undefined;
  /** Tabs that give the same name share their queues. Default `'default'`. */
  readonly name?: string | undefined;
}

/**
 * Queues that the tabs of one origin share, by their names: `new IterableQueue({ transport, name: 'jobs' })` is the same
 * queue in each tab. They live in a SharedWorker, for as long as a tab is open. When a tab is closed, for whatever reason,
 * its producers are closed, and what its consumers had not settled is delivered again. So it is when its page is frozen, as
 * when it is put away: if that page goes on, its endpoints fail with `ENDPOINT_LOST`, and it opens the transport anew. Queues
 * without a name are the tab's own, and workers are Web Workers, as with `browserWorkers()`.
 *
 * Where there is no SharedWorker, or no `worker` is given, one of the tabs is the host. It writes down what its queues hold, in
 * the origin's IndexedDB, before anybody hears of it. When it is closed another goes on: what was confirmed is there, all of it
 * marked as delivered again, as nobody knows what had been; settling what was in hand then fails with `LEASE_LOST`. Endpoints
 * cannot go to workers there, and nothing can be moved (`CAPABILITY_MISSING`, `TRANSFER_REFUSED`).
 *
 * Throws `WORKER_LOAD_FAILED` when `worker` returns none. A host that does not answer within `startTimeout` (default 30,000 ms)
 * fails what waits for it with `CONNECTION_FAILED`; a SharedWorker that is gone, with `DATA_LOST`; one that cannot write, or a
 * page without Web Locks, with `CAPABILITY_MISSING`.
 *
 * @example
 * ```ts
 * // tabs.worker.ts
 * import { serveTabs } from '@millrace/browser-adapter/tabs';
 *
 * serveTabs();
 * ```
 *
 * ```ts
 * // page.ts
 * import { sharedTabs } from '@millrace/browser-adapter';
 * import { IterableQueue } from '@millrace/core';
 *
 * const transport = sharedTabs({
 *   worker: () => new SharedWorker(new URL('./tabs.worker.js', import.meta.url), { type: 'module' }),
 * });
 * const jobs = new IterableQueue<string>({ transport, name: 'jobs' });
 * await jobs.producer().put('from any tab');
 * for await (const job of jobs.consumer()) console.log(job); // to any tab
 * ```
 */
export function sharedTabs(options: SharedTabsOptions = {}): Transport {
  const { worker, name = 'default', startTimeout = 30_000, runtime = systemRuntime } = options;
  if (typeof name !== 'string')
    throw new MillraceError(
      'BAD_OPTION',
      `Option name of sharedTabs() is ${String(name)}; it must be text.`,
      {
        option: 'name',
        value: name,
      },
    );
  const elects = worker === undefined || typeof SharedWorker === 'undefined';
  let session: Session | undefined;
  let closing: Promise<void> | undefined;
  const given: Given = new Map();
  const departures: Departures = {
    began: (via) => {
      given.set(via, []);
    },
    ended: (via) => {
      session?.lose(given.get(via) ?? []);
      given.delete(via);
    },
  };
  const here = workersHere(options, NAME, { departures });
  const queues = new Set<TabQueue>();

  /** When it is needed first: whoever shares no queue needs no host. */
  function reach(): Session {
    if (session !== undefined) return session;
    const reach = elects ? new ElectedReach(name) : new SharedWorkerReach(worker);
    return (session = new Session({ name, reach, startTimeout, runtime, given }));
  }

  return Object.freeze({
    name: NAME,
    manifest: elects ? electedManifest : manifest,
    runtime,

    openQueue(spec: QueueSpec): QueueBackend {
      if (spec.exclusive) return here.openQueue(spec);
      // For the error that says that it is closed.
      if (closing !== undefined) throw closedError();
      const reached = reach();
      if (reached.gone !== undefined) throw reached.gone;
      const queue: TabQueue = new TabQueue(reached, spec, () => queues.delete(queue));
      queues.add(queue);
      return queue;
    },

    start<Entry extends WorkerFunction<never, unknown>>(
      ref: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      start?: StartOptions,
    ): WorkerHandle<ResultOf<Entry>> {
      return here.start(ref, args, start);
    },

    health(): TransportHealth {
      const { open, workers, queues: own } = here.health();
      return { open, workers, queues: [...own, ...[...queues].map((queue) => queue.health())] };
    },

    close(): Promise<void> {
      closing ??= (async () => {
        await here.close();
        await session?.close(closedError());
      })();
      return closing;
    },
  });
}

function closedError(): MillraceError {
  return new MillraceError('TRANSPORT_CLOSED', `The transport ${NAME} was closed.`, {
    transport: NAME,
  });
}
