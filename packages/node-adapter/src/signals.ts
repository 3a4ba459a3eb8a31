import { MillraceError } from '@millrace/core';

/** What signals stop: a Supervisor, a Producer, a Consumer. */
export interface Stoppable {
  stop(options?: { readonly deadline?: number | undefined }): Promise<void>;
}

export interface StopOnSignalsOptions {
  /** Default `['SIGINT', 'SIGTERM']`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** How long, in ms, the graceful stop may take before workers are terminated. Default: the supervisor's own. */
  readonly deadline?: number | undefined;
}

/**
 * Stops a supervisor when the process is told to end: gracefully at the first signal, by force at the second. Once it has
 * stopped, it listens no more, and the process ends by itself when nothing else holds it; a further signal ends it as if
 * nobody had listened. What fails of the stop is an unhandled rejection.
 *
 * Returns what ends the listening. Throws `BAD_OPTION`.
 *
 * @example
 * ```ts run
 * import { Supervisor } from '@millrace/core';
 * import { stopOnSignals } from '@millrace/node-adapter';
 *
 * const supervisor = new Supervisor();
 * const ignoreSignals = stopOnSignals(supervisor, { signals: ['SIGTERM'], deadline: 10_000 });
 * await supervisor.launch();
 * await supervisor.finished();
 * ignoreSignals();
 * console.log('ended'); // prints: ended
 * ```
 */
export function stopOnSignals(supervisor: Stoppable, options: StopOnSignalsOptions = {}): () => void {
  const { signals = ['SIGINT', 'SIGTERM'], deadline } = options;
  if (deadline !== undefined && !(deadline >= 0))
    throw new MillraceError('BAD_OPTION', `Option deadline is ${String(deadline)}; it must be a number of ms from 0 up.`, {
      option: 'deadline',
      value: deadline,
    });
  let told = false;
  const stop = (): void => {
    const by = told ? 0 : deadline;
    told = true;
    void supervisor.stop(by === undefined ? {} : { deadline: by }).finally(forget);
  };
  const forget = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  try {
    for (const signal of signals) process.on(signal, stop);
  } catch (error) {
    // Such as SIGKILL, to which nobody can listen.
    forget();
    throw new MillraceError('BAD_OPTION', `Option signals has one that cannot be listened to: ${String(signals)}.`, { option: 'signals', value: signals }, error);
  }
  return forget;
}
