import { MillraceError } from '../../errors/error.js';
import { platform, type Runtime, systemRuntime } from '../../runtime/runtime.js';
import { receiveArgs, sendArgs } from '../../workers/args.js';
import type { StartOptions, WorkerExit, WorkerHandle, WorkerState } from '../../workers/handle.js';
import type { HostArgs, WorkerRef } from '../../workers/ref.js';
import { loadWorker, runWorker } from '../../workers/run.js';
import type { ConsumerBackend, ProducerBackend, QueueBackend } from '../backend.js';
import type { TransportManifest } from '../manifest.js';
import type { QueueSpec } from '../spec.js';
import type { Transport, TransportHealth } from '../transport.js';
import { Home } from './home.js';
import { HomeQueue } from './home-queue.js';

const manifest: TransportManifest = Object.freeze({
  isolation: 'none',
  durable: false,
  confirms: 'batch',
  values: 'reference',
  transfer: true,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
});

export interface MemoryOptions {
  /** The clock. Default: the platform's. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Queues and workers in this very process: the reference transport. Values are passed by reference unless the queue says
 * `clone: true`; a worker is its function, run here.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory() });
 * await queue.producer().put('hello');
 * console.log(await queue.consumer().get()); // prints: hello
 * ```
 */
export function memory(options: MemoryOptions = {}): Transport {
  const runtime = options.runtime ?? systemRuntime;
  const homes = new Set<Home>();
  const workers = new Set<WorkerHandle<unknown>>();
  let started = 0;
  let closed: MillraceError | undefined;

  return Object.freeze({
    name: 'memory',
    manifest,
    runtime,

    openQueue(spec: QueueSpec): QueueBackend {
      if (closed !== undefined) throw closed;
      const home = new Home(spec, runtime);
      homes.add(home);
      void home.whenEnded()?.then(() => homes.delete(home));
      return new HomeQueue(home);
    },

    start<Args, Result>(worker: WorkerRef<Args, Result>, args: HostArgs<NoInfer<Args>>, start: StartOptions = {}): WorkerHandle<Result> {
      if (closed !== undefined) throw closed;
      const id = start.name ?? `worker-${String(++started)}`;
      const { sent } = sendArgs(args, {
        worker: id,
        local: true,
        open: () => {
          throw new Error('unreachable: a local departure opens no link');
        },
      });
      const handle = runHere<Result>(id, worker as WorkerRef<unknown, unknown>, () =>
        receiveArgs(sent, runtime, (token) => token.body as ProducerBackend | ConsumerBackend),
      );
      workers.add(handle);
      void handle.exit.then(() => workers.delete(handle));
      return handle;
    },

    health(): TransportHealth {
      return { open: closed === undefined, workers: workers.size, queues: [...homes].map((home) => home.health()) };
    },

    async close(): Promise<void> {
      closed ??= new MillraceError('TRANSPORT_CLOSED', 'The transport memory was closed.', { transport: 'memory' });
      for (const worker of workers) worker.stop();
      for (const home of homes) home.dispose(closed);
      homes.clear();
      await Promise.all([...workers].map((worker) => worker.exit));
    },
  });
}

/** A worker in this process: it shares its host's fate, and can only be asked to stop. */
function runHere<Result>(
  id: string,
  worker: WorkerRef<unknown, unknown>,
  receive: () => ReturnType<typeof receiveArgs>,
): WorkerHandle<Result> {
  const controller = new platform.AbortController();
  let state: WorkerState = 'starting';
  const { args, endpoints } = receive();
  const loaded = loadWorker(id, worker.url ?? 'the given import()', worker.load).then((run) => {
    state = 'started';
    return run;
  });
  const exit = loaded
    .then(
      (run) => runWorker(run, args, endpoints, { id, signal: controller.signal }),
      async (error: unknown) => {
        await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
        throw error;
      },
    )
    .then(
      (value): WorkerExit<Result> => ({ status: 'finished', value: value as Result }),
      (error: unknown): WorkerExit<Result> => ({ status: 'failed', error: error as MillraceError }),
    )
    .finally(() => {
      state = 'stopped';
    });
  return {
    id,
    get state() {
      return state;
    },
    started: async () => {
      await loaded;
    },
    exit,
    result: async () => {
      const end = await exit;
      if (end.status === 'failed') throw end.error;
      return end.value;
    },
    stop: () => {
      controller.abort();
    },
    terminate: () => {
      controller.abort();
      return exit;
    },
  };
}
