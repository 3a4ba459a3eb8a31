import type { QueueBackend, QueueEvents, QueueSpec, WorkerExit, WorkerRole } from '@millrace/core';
import { channel, type Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What every message names first. */
interface From {
  /** The transport's name: `worker-threads`. */
  readonly transport: string;
}

/** A worker, as messages name it. */
interface FromWorker extends From {
  readonly worker: string;
}

/**
 * What is published on `node:diagnostics_channel`, by channel. The names are stable, and messages may gain fields. All is
 * published in the thread that opened the queue or started the worker.
 */
export type DiagnosticsChannels = {
  /** What `queue.on` tells, by the same name. */
  readonly [Type in keyof QueueEvents as `millrace:queue:${Type}`]: From & QueueEvents[Type];
} & {
  /** A queue was opened. */
  readonly 'millrace:queue:open': From & { readonly queue: string; readonly spec: QueueSpec };
  /** A thread is being started. */
  readonly 'millrace:worker:start': FromWorker & { readonly url: string | undefined; readonly role: WorkerRole };
  /** Its module is loaded, and its function begins. */
  readonly 'millrace:worker:started': FromWorker;
  /** Its function has returned, and the thread is gone. */
  readonly 'millrace:worker:finished': FromWorker;
  /** It failed, was terminated or could not start, and the thread is gone. */
  readonly 'millrace:worker:failure': FromWorker & { readonly error: Extract<WorkerExit<unknown>, { status: 'failed' }>['error'] };
};

const QUEUE_EVENTS: Readonly<Record<keyof QueueEvents, Channel>> = {
  ended: channel('millrace:queue:ended'),
  'no-consumer': channel('millrace:queue:no-consumer'),
  ready: channel('millrace:queue:ready'),
  'dead-letter': channel('millrace:queue:dead-letter'),
  'dead-letter-dropped': channel('millrace:queue:dead-letter-dropped'),
  'endpoint-lost': channel('millrace:queue:endpoint-lost'),
  'lease-lost': channel('millrace:queue:lease-lost'),
  'data-lost': channel('millrace:queue:data-lost'),
};

type Own = Exclude<keyof DiagnosticsChannels, `millrace:queue:${keyof QueueEvents}`>;

const OWN: Readonly<Record<Own, Channel>> = {
  'millrace:queue:open': channel('millrace:queue:open'),
  'millrace:worker:start': channel('millrace:worker:start'),
  'millrace:worker:started': channel('millrace:worker:started'),
  'millrace:worker:finished': channel('millrace:worker:finished'),
  'millrace:worker:failure': channel('millrace:worker:failure'),
};

/**
 * Listens to a channel, typed, until the returned function is called: as `subscribe` of `node:diagnostics_channel`, which
 * does as well.
 *
 * @example
 * ```ts run
 * import { IterableQueue } from '@millrace/core';
 * import { onDiagnostics, workerThreads } from '@millrace/node-adapter';
 *
 * onDiagnostics('millrace:queue:dead-letter', ({ queue, attempts }) =>
 *   console.log(`${queue}: given up after ${attempts} attempt`),
 * );
 *
 * const orders = new IterableQueue<string>({ transport: workerThreads(), name: 'orders' });
 * await orders.producer().put('fish');
 * for await (const order of orders.consumer().deliveries()) {
 *   order.reject(new Error('sold out'));
 *   break;
 * }
 * // prints: orders: given up after 1 attempt
 * ```
 */
export function onDiagnostics<Name extends keyof DiagnosticsChannels>(name: Name, listener: (message: DiagnosticsChannels[Name]) => void): () => void {
  // What is published there is what this file publishes.
  const own = (message: unknown): void => {
    listener(message as DiagnosticsChannels[Name]);
  };
  subscribe(name, own);
  return () => {
    unsubscribe(name, own);
  };
}

/** Costs next to nothing while nobody listens. */
export function publish<Name extends Own>(name: Name, message: DiagnosticsChannels[Name]): void {
  const to = OWN[name];
  if (to.hasSubscribers) to.publish(message);
}

/** Publishes what happens to a queue, from now until it is gone. */
export function publishQueue(transport: string, spec: QueueSpec, backend: QueueBackend): void {
  publish('millrace:queue:open', { transport, queue: spec.name, spec });
  for (const [type, to] of Object.entries(QUEUE_EVENTS))
    backend.on(type as keyof QueueEvents, (event) => {
      if (to.hasSubscribers) to.publish({ transport, ...event });
    });
}
