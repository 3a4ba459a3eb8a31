import { MillraceError } from '../../errors/error.js';
import { platform, type Runtime, systemRuntime } from '../../runtime/runtime.js';
import { type ReceivedEndpoint, receiveArgs, sendArgs } from '../../workers/args.js';
import type { StartOptions, WorkerExit, WorkerHandle, WorkerRole, WorkerState } from '../../workers/handle.js';
import { Inlet } from '../../workers/channel.js';
import type { ArgsOf, HostArgs, ResultOf, WorkerContext, WorkerFunction, WorkerRef } from '../../workers/ref.js';
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

    start<Entry extends WorkerFunction<never, unknown>>(
      worker: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      start: StartOptions = {},
    ): WorkerHandle<ResultOf<Entry>> {
      if (closed !== undefined) throw closed;
      const id = start.name ?? `worker-${String(++started)}`;
      const handle = runHere(id, worker, start.role, runtime, args);
      workers.add(handle);
      void handle.exit.then(() => workers.delete(handle));
      return handle as WorkerHandle<ResultOf<Entry>>;
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
function runHere(id: string, worker: WorkerRef, role: WorkerRole | undefined, runtime: Runtime, given: unknown): WorkerHandle<unknown> {
  const controller = new platform.AbortController();
  let state: WorkerState = 'starting';
  const endpoints: ReceivedEndpoint[] = [];
  const receive = (value: unknown): unknown => {
    const { sent } = sendArgs(value, { worker: id, local: true, open: noLink });
    const received = receiveArgs(sent, runtime, (token) => token.body as ProducerBackend | ConsumerBackend);
    endpoints.push(...received.endpoints);
    return received.args;
  };
  const args = receive(given);
  const toWorker = new Inlet();
  const toHost = new Inlet();
  // A turn later, as from elsewhere, and not at all once the worker is gone.
  const pass = (inlet: Inlet, message: unknown): void => {
    void Promise.resolve().then(() => {
      if (state !== 'stopped') inlet.push(message);
    });
  };
  const context: WorkerContext = {
    id,
    runtime,
    signal: controller.signal,
    channel: {
      post: (message) => {
        pass(toHost, message);
      },
      listen: toWorker.listen,
    },
  };
  const loaded = loadWorker(id, worker.url ?? 'the given import()', worker.load, role).then((run) => {
    state = 'started';
    return run;
  });
  const exit = loaded
    .then(
      (run) => runWorker(run, args, endpoints, context),
      async (error: unknown) => {
        await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
        throw error;
      },
    )
    .then(
      (value): WorkerExit<unknown> => ({ status: 'finished', value }),
      (error: unknown): WorkerExit<unknown> => ({ status: 'failed', error: error as MillraceError }),
    )
    .finally(() => {
      state = 'stopped';
    });
  return {
    id,
    get state() {
      return state;
    },
    channel: {
      post: (message) => {
        if (state !== 'stopped') pass(toWorker, receive(message));
      },
      listen: toHost.listen,
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

function noLink(): never {
  throw new Error('unreachable: a local departure opens no link');
}
