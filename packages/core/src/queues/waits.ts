import { MillraceError } from '../errors/error.js';
import { show } from '../transport/spec.js';
import type { Runtime } from '../runtime/runtime.js';

/** What every wait takes. */
export interface WaitOptions {
  /** Gives the wait up when it fires: the error is `ABORTED`, with the signal's reason as its cause. */
  readonly signal?: AbortSignal | undefined;
  /** Gives the wait up after so many ms: the error is `TIMED_OUT`. Default: never. */
  readonly timeout?: number | undefined;
}

export function aborted(what: string, signal: AbortSignal): MillraceError {
  return new MillraceError('ABORTED', `${what} was aborted; nothing of it was done.`, {}, signal.reason);
}

export function timedOut(what: string, ms: number): MillraceError {
  return new MillraceError('TIMED_OUT', `${what} took longer than its time-out of ${String(ms)} ms; nothing of it was done.`, {
    timeout: ms,
  });
}

/** Refuses a bad time-out and a signal that has fired already, before anything is done. */
export function checkWait(what: string, options: WaitOptions): void {
  checkDuration('timeout', options.timeout);
  if (options.signal?.aborted === true) throw aborted(what, options.signal);
}

export function checkDuration(option: string, ms: number | undefined): void {
  if (ms !== undefined && !(typeof ms === 'number' && ms >= 0))
    throw new MillraceError('BAD_OPTION', `Option ${option} is ${show(ms)}; it must be a number of ms from 0 up.`, {
      option,
      value: ms,
    });
}

export function checkCount(option: string, items: number): void {
  if (items !== Infinity && !(Number.isSafeInteger(items) && items >= 1))
    throw new MillraceError('BAD_OPTION', `Option ${option} is ${show(items)}; it must be a whole number of items from 1 up.`, {
      option,
      value: items,
    });
}

/** Watches a wait's signal and time. Returns what ends the watch; it has ended by itself when `giveUp` is called. */
export function watch(runtime: Runtime, what: string, options: WaitOptions, giveUp: (error: MillraceError) => void): () => void {
  const { signal, timeout } = options;
  let timer: unknown;
  const stop = (): void => {
    signal?.removeEventListener('abort', onAbort);
    if (timer !== undefined) runtime.clearTimer(timer);
    timer = undefined;
  };
  const onAbort = (): void => {
    stop();
    giveUp(aborted(what, signal!));
  };
  signal?.addEventListener('abort', onAbort);
  if (timeout !== undefined && timeout !== Infinity)
    timer = runtime.setTimer(() => {
      timer = undefined;
      stop();
      giveUp(timedOut(what, timeout));
    }, timeout);
  return stop;
}
