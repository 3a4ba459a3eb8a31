import { MillraceError, type ErrorCode } from '../errors/error.js';

/** The worker's function threw, or rejected. */
export function workerFailed(id: string, cause: unknown, code: ErrorCode = 'WORKER_FAILED'): MillraceError {
  return new MillraceError(code, `Worker ${id} failed: ${messageOf(cause)}`, { worker: id }, cause);
}

/** An error that nobody in the worker caught. */
export function uncaught(id: string, cause: unknown): MillraceError {
  return new MillraceError('WORKER_FAILED', `Worker ${id} had an uncaught error: ${messageOf(cause)}`, { worker: id }, cause);
}

/** The worker reached its memory limit. */
export function outOfMemory(id: string, cause?: unknown): MillraceError {
  const message = `Worker ${id} reached its memory limit. Raise resourceLimits.maxOldGenerationSizeMb, or hold less at a time.`;
  return new MillraceError('WORKER_OUT_OF_MEMORY', message, { worker: id }, cause);
}

/** The worker ended before its function returned. */
export function exited(id: string, how: { readonly exitCode: number } | { readonly signal: string }): MillraceError {
  const by = 'signal' in how ? `was ended by the signal ${how.signal}` : `ended with exit code ${String(how.exitCode)}`;
  return new MillraceError('WORKER_EXITED', `Worker ${id} ${by} before its function returned.`, { worker: id, ...how });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
