import { systemRuntime } from '@millrace/core';

/** Resolves after so many ms, or as soon as the signal fires; in every runtime. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      systemRuntime.clearTimer(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = systemRuntime.setTimer(end, ms);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end);
  });
}

/** Resolves once timers and input had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    systemRuntime.defer(resolve);
  });
}
