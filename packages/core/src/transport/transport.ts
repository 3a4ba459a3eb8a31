import type { Runtime } from '../runtime/runtime.js';
import type { StartOptions, WorkerHandle } from '../workers/handle.js';
import type { ArgsOf, HostArgs, ResultOf, WorkerFunction, WorkerRef } from '../workers/ref.js';
import type { QueueBackend } from './backend.js';
import type { TransportManifest } from './manifest.js';
import type { QueueSpec } from './spec.js';

/**
 * Where queues live and how endpoints reach them: what an adapter implements. A plain object, made by a factory and handed
 * in by the user; two of them share nothing.
 *
 * An implementer owes:
 * - **Errors**: every failure is an error with a code of core's, saying what was wrong, where, and what to do. Nothing is
 *   lost by bad input, and the queue goes on.
 * - **Waiting**: no promise is left unsettled: closing, aborting, losing an endpoint and disposing settle each wait. Nothing
 *   polls, and an idle queue costs nothing. Time comes from `runtime` alone.
 * - **The contract**: `conformance` of `@millrace/core/testing` runs each of its rules against the transport, as far as
 *   the manifest allows. What the manifest does not declare is refused when a queue is opened, never silently different.
 *
 * Most of what it takes is ready: `Home` of `@millrace/core/channels` holds a queue's state, and serves far endpoints over
 * anything that looks like a MessagePort.
 */
export interface Transport {
  /** For messages: `memory`, `worker-threads`. */
  readonly name: string;
  /** What it can do. Frozen, and the same for the transport's whole life. */
  readonly manifest: TransportManifest;
  /** The clock that its queues and endpoints use. */
  readonly runtime: Runtime;
  /**
   * Opens a queue. May connect lazily, but must refuse at once what it cannot do. Throws `TRANSPORT_CLOSED`,
   * `CAPABILITY_MISSING`.
   */
  openQueue(spec: QueueSpec): QueueBackend;
  /**
   * Starts a worker and moves the endpoints in its arguments to it. When the worker is gone, for whatever reason, its
   * endpoints are lost (producers close, what consumers had in hand is delivered again) without further ado. Throws at once,
   * having moved nothing, when the arguments cannot travel.
   */
  start<Entry extends WorkerFunction<never, unknown>>(
    worker: WorkerRef<Entry>,
    args: HostArgs<ArgsOf<Entry>>,
    options?: StartOptions,
  ): WorkerHandle<ResultOf<Entry>>;
  /** Whether it makes progress, not whether something is connected. */
  health(): TransportHealth;
  /** Stops workers, settles every wait with `TRANSPORT_CLOSED`, and leaves nothing behind. Harmless when repeated. */
  close(): Promise<void>;
}

/** What a queue needs of a transport. */
export type QueueTransport = Pick<Transport, 'name' | 'manifest' | 'runtime' | 'openQueue'>;

export interface TransportHealth {
  readonly open: boolean;
  readonly workers: number;
  readonly queues: readonly QueueHealth[];
}

export interface QueueHealth {
  readonly queue: string;
  /** Items that wait. */
  readonly depth: number;
  readonly inHand: number;
  /** How many ms ago an item was last taken, or undefined if none was. */
  readonly lastTaken: number | undefined;
  /** How many ms ago an item was last settled, or undefined if none was. */
  readonly lastSettled: number | undefined;
}
