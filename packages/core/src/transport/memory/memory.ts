import { MillraceError } from '../../errors/error.js';
import { type Runtime, systemRuntime } from '../../runtime/runtime.js';
import { receiveArgs, sendArgs } from '../../workers/args.js';
import type { StartOptions, WorkerHandle } from '../../workers/handle.js';
import { runHere } from '../../workers/here.js';
import type { ArgsOf, HostArgs, ResultOf, WorkerFunction, WorkerRef } from '../../workers/ref.js';
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
  gate: true,
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
      const handle = runHere(id, worker, args, start, runtime, (value) => {
        const { sent } = sendArgs(value, { worker: id, local: true, open: noLink });
        return receiveArgs(sent, runtime, (token) => token.body as ProducerBackend | ConsumerBackend);
      });
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

function noLink(): never {
  throw new Error('unreachable: a local departure opens no link');
}
