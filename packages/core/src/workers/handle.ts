import type { MillraceError } from '../errors/error.js';
import type { WorkerChannel } from './channel.js';

export type WorkerState = 'starting' | 'started' | 'stopped';

/** How a worker ended. */
export type WorkerExit<Result> =
  | { readonly status: 'finished'; readonly value: Result }
  /** With a code that tells failing to start (`WORKER_LOAD_FAILED` and its like) from failing to work. */
  | { readonly status: 'failed'; readonly error: MillraceError };

/** How a worker's default export is run: as a function, once, or in a producer's or consumer's loop. */
export type WorkerRole = 'function' | 'producer' | 'consumer';

export interface StartOptions {
  /** For events, errors and `blockers()`. Default: the transport's own, such as `thread-1`. */
  readonly name?: string | undefined;
  /** Buffers, ports and streams in the arguments that are moved instead of copied. */
  readonly transfer?: readonly object[] | undefined;
  /** Default `'function'`. `Producer` and `Consumer` start their workers with the other two. */
  readonly role?: WorkerRole | undefined;
}

/** A worker, as its host sees it. */
export interface WorkerHandle<Result> {
  readonly id: string;
  readonly state: WorkerState;
  /** Messages to and from the worker. */
  readonly channel: WorkerChannel;
  /** Resolves when the worker's module is loaded and its function begins; rejects when that fails. */
  started(): Promise<void>;
  /** How it ended, once it is gone without a trace. Never rejects. */
  readonly exit: Promise<WorkerExit<Result>>;
  /** What its function returned; rejects with the coded error if it did not return. */
  result(): Promise<Result>;
  /** Asks it to stop, by its context's signal. */
  stop(): void;
  /**
   * Ends it now, and resolves as `exit` does. With `isolation: 'none'` nothing can end it: if it does not end by itself in
   * this turn, its endpoints are closed, and it is left behind with `STOP_TIMED_OUT`.
   */
  terminate(): Promise<WorkerExit<Result>>;
}
