import { MillraceError } from '../errors/error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { QueueBackend } from '../transport/backend.js';
import type { TransportManifest } from '../transport/manifest.js';
import { Home } from '../transport/memory/home.js';
import { HomeQueue } from '../transport/memory/home-queue.js';
import type { QueueSpec } from '../transport/spec.js';
import type { QueueHealth, Transport, TransportHealth } from '../transport/transport.js';
import type { StartOptions, WorkerHandle } from '../workers/handle.js';
import type { ArgsOf, HostArgs, ResultOf, WorkerFunction, WorkerRef } from '../workers/ref.js';
import { FarHost } from './ports/far-host.js';

/** A queue, as its transport keeps it. */
export interface QueueHome {
  readonly queue: QueueBackend;
  health(): QueueHealth;
}

/** What an adapter adds: how its workers are started. */
export interface HostedParts {
  readonly name: string;
  readonly manifest: TransportManifest;
  readonly runtime: Runtime;
  /** What a worker without a name is called, before its number: `thread`. */
  readonly noun: string;
  /** Starts a worker by that name. Throws, having moved nothing, where its arguments cannot travel. */
  start<Entry extends WorkerFunction<never, unknown>>(
    id: string,
    worker: WorkerRef<Entry>,
    args: HostArgs<ArgsOf<Entry>>,
    options: StartOptions,
  ): WorkerHandle<unknown>;
  /** Where a queue lives. Default: with this thread, and its endpoints elsewhere reach it over links. */
  readonly home?: ((spec: QueueSpec) => QueueHome) | undefined;
  /** Hears of each queue that is opened. */
  opened?(spec: QueueSpec, queue: QueueBackend): void;
  /** Once all workers have ended. */
  closed?(): Promise<void>;
}

/** A transport whose queues live with whoever opens them, and whose workers, elsewhere, reach them over links. */
export function hostedTransport(parts: HostedParts): Transport {
  const { name, manifest, runtime, noun } = parts;
  const homes = new Set<QueueHome>();
  const workers = new Set<WorkerHandle<unknown>>();
  let started = 0;
  let closed: MillraceError | undefined;

  return Object.freeze({
    name,
    manifest,
    runtime,

    openQueue(spec: QueueSpec): QueueBackend {
      if (closed !== undefined) throw closed;
      // Its items leave this worker or page: they are copied and judged wherever they are put, here too.
      const home = parts.home?.({ ...spec, clone: true }) ?? portHome({ ...spec, clone: true }, runtime);
      const { queue } = home;
      homes.add(home);
      void queue.whenEnded()?.then(() => homes.delete(home));
      parts.opened?.(spec, queue);
      return queue;
    },

    start<Entry extends WorkerFunction<never, unknown>>(
      worker: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      options: StartOptions = {},
    ): WorkerHandle<ResultOf<Entry>> {
      if (closed !== undefined) throw closed;
      const id = options.name ?? `${noun}-${String(++started)}`;
      const handle = parts.start(id, worker, args, options);
      workers.add(handle);
      void handle.exit.then(() => workers.delete(handle));
      return handle as WorkerHandle<ResultOf<Entry>>;
    },

    health(): TransportHealth {
      return { open: closed === undefined, workers: workers.size, queues: [...homes].map((home) => home.health()) };
    },

    async close(): Promise<void> {
      const first = closed === undefined;
      closed ??= new MillraceError('TRANSPORT_CLOSED', `The transport ${name} was closed.`, { transport: name });
      // First, so that none of them fails of its queue's end.
      const ends = [...workers].map((worker) => worker.terminate());
      for (const { queue } of homes) queue.dispose(closed);
      homes.clear();
      await Promise.all(ends);
      if (first) await parts.closed?.();
    },
  });
}

function portHome(spec: QueueSpec, runtime: Runtime): QueueHome {
  const home = new Home(spec, runtime);
  home.far = new FarHost(home);
  return { queue: new HomeQueue(home), health: () => home.health() };
}
