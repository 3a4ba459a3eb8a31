import { type Runtime, systemRuntime } from '../../runtime/runtime.js';
import { receiveArgs } from '../../workers/receive-args.js';
import { sendArgs } from '../../workers/send-args.js';
import type { StartOptions, WorkerHandle } from '../../workers/handle.js';
import { runHere } from '../../workers/here.js';
import type { ArgsOf, HostArgs, ResultOf, WorkerFunction, WorkerRef } from '../../workers/ref.js';
import type { ConsumerBackend, ProducerBackend, QueueBackend } from '../backend.js';
import type { QueueSpec } from '../spec.js';
import type { Transport, TransportHealth } from '../transport.js';
import { MemoryQueues } from './memory-queues.js';

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
  const queues = new MemoryQueues(runtime);
  const workers = new Set<WorkerHandle<unknown>>();
  let started = 0;

  return Object.freeze({
    name: queues.name,
    manifest: queues.manifest,
    runtime,

    openQueue: (spec: QueueSpec): QueueBackend => queues.openQueue(spec),

    start<Entry extends WorkerFunction<never, unknown>>(
      worker: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      start: StartOptions = {},
    ): WorkerHandle<ResultOf<Entry>> {
      queues.check();
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
      return { open: queues.open, workers: workers.size, queues: queues.health() };
    },

    async close(): Promise<void> {
      for (const worker of workers) worker.stop();
      queues.close();
      await Promise.all([...workers].map((worker) => worker.exit));
    },
  });
}

function noLink(): never {
  throw new Error('unreachable: a local departure opens no link');
}
