import {
  MillraceError,
  type Runtime,
  systemRuntime,
  type Transport,
  type TransportManifest,
} from '@millrace/core';
import { type HostedParts, hostedTransport } from '@millrace/core/channels';
import { type Departures, startWorker } from './start.js';

export const manifest: TransportManifest = Object.freeze({
  isolation: 'thread',
  durable: false,
  confirms: 'batch',
  values: 'clone',
  transfer: true,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  gate: true,
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
});

/** Options of all transports whose workers are Web Workers of this page. */
export interface WorkersHereOptions {
  /**
   * How long, in ms, a worker may take until its module is loaded: not every browser tells of everything that can be in its
   * way. A time in which the page is frozen counts as a quarter of it at most. Infinity waits for ever. Default 30000.
   */
  readonly startTimeout?: number | undefined;
  /**
   * How long, in ms, a worker that has returned or was terminated may take until it is really gone; then it is left to the
   * browser to end it. Default 1000.
   */
  readonly linger?: number | undefined;
  /** The clock. Default: the platform's. */
  readonly runtime?: Runtime | undefined;
}

/** What `browserWorkers()` calls its transport. */
export const NAME = 'browser-workers';

/**
 * Workers and queues of this page or worker, for a transport of that name. Queues are reached over message ports, unless they
 * have another home.
 */
export function workersHere(
  options: WorkersHereOptions,
  name: string,
  { departures, home }: { departures?: Departures; home?: HostedParts['home'] } = {},
): Transport {
  checkOptions(options);
  const settings = { linger: options.linger ?? 1000, startTimeout: options.startTimeout ?? 30_000 };
  return hostedTransport({
    name,
    manifest,
    runtime: options.runtime ?? systemRuntime,
    noun: 'worker',
    home,
    start: (id, worker, args, start) => startWorker(id, worker, args, start, settings, departures),
  });
}

function checkOptions({ linger, startTimeout }: WorkersHereOptions): void {
  for (const [option, value] of Object.entries({ linger, startTimeout }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new MillraceError(
        'BAD_OPTION',
        `Option ${option} is ${String(value)}; it must be a number of ms from 0 up.`,
        {
          option,
          value,
        },
      );
}
