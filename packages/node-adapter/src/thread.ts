import type { StartOptions, WorkerHandle, WorkerRef } from '@millrace/core';
import { exited, type FromWorker, outOfMemory, runElsewhere, systemRuntime, uncaught } from '@millrace/core/channels';
import { MessageChannel, type ResourceLimits, type Transferable, Worker } from 'node:worker_threads';
import type { PortLink } from './port-link.js';
import { ThreadLinks } from './thread-links.js';

const ENTRY = new URL('./worker-entry.js', import.meta.url);

export interface ThreadSettings {
  readonly resourceLimits: ResourceLimits | undefined;
  /** How long, in ms, a thread whose function has returned may take to end by itself. */
  readonly linger: number;
}

/** Starts a worker in a thread of its own. */
export function startThread(
  id: string,
  ref: WorkerRef,
  args: unknown,
  start: StartOptions,
  { resourceLimits, linger }: ThreadSettings,
): WorkerHandle<unknown> {
  const links = new ThreadLinks();
  const open = (): { link: PortLink; far: object } => {
    const { port1, port2 } = new MessageChannel();
    return { link: links.connect(port1), far: port2 };
  };
  const lost = (): void => {
    links.expire();
  };
  const via = { worker: id, local: false, open };
  return runElsewhere({ id, worker: ref, args, start, runtime: systemRuntime, via, lost, linger }, (data, transfer, events) => {
    const thread = new Worker(ENTRY, {
      name: id,
      workerData: data,
      transferList: transfer as Transferable[],
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    thread.on('message', (message: FromWorker) => {
      events.heard(message);
    });
    thread.on('error', (error: unknown) => {
      const full = (error as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      events.failed(full ? outOfMemory(id, error) : uncaught(id, error));
    });
    thread.on('exit', (exitCode) => {
      events.gone(exited(id, { exitCode }));
    });
    return {
      post: (message, moved) => {
        thread.postMessage(message, moved as Transferable[]);
      },
      end: () => {
        void thread.terminate();
      },
    };
  });
}
