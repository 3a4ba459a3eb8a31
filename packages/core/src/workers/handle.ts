import type { MillraceError } from '../errors/error.js';

export type WorkerState = 'starting' | 'started' | 'stopped';

/** How a worker ended. */
export type WorkerExit<Result> =
  | { readonly status: 'finished'; readonly value: Result }
  /** With a code that tells failing to start (`WORKER_LOAD_FAILED` and its like) from failing to work. */
  | { readonly status: 'failed'; readonly error: MillraceError };

export interface StartOptions {
  /** For events, errors and `blockers()`. Default: the transport's own, such as `thread-1`. */
  readonly name?: string | undefined;
  /** Buffers, ports and streams in the arguments that are moved instead of copied. */
  readonly transfer?: readonly object[] | undefined;
}

/** A worker, as its host sees it. */
export interface WorkerHandle<Result> {
  readonly id: string;
  readonly state: WorkerState;
  /** Resolves when the worker's module is loaded and its function begins; rejects when that fails. */
  started(): Promise<void>;
  /** How it ended, once it is gone without a trace. Never rejects. */
  readonly exit: Promise<WorkerExit<Result>>;
  /** What its function returned; rejects with the coded error if it did not return. */
  result(): Promise<Result>;
  /** Asks it to stop, by its context's signal. */
  stop(): void;
  /** Ends it now, where the transport can (with `isolation: 'none'` it can only be asked). Resolves as `exit` does. */
  terminate(): Promise<WorkerExit<Result>>;
}
