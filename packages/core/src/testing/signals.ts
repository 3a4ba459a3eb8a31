import { platform } from '../runtime/runtime.js';

/** An AbortSignal that knows who still listens to it. */
export interface WatchedSignal {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** How many listeners there are now. */
  listeners(): number;
}

export function watchedSignal(): WatchedSignal {
  const controller = new platform.AbortController();
  const { signal } = controller;
  const listening = new Map<unknown, number>();
  const count = (listener: unknown, by: number): void => {
    listening.set(listener, Math.max(0, Math.min(1, (listening.get(listener) ?? 0) + by)));
  };
  type Method = (...args: unknown[]) => void;
  const { addEventListener, removeEventListener } = signal as unknown as Record<string, Method>;
  const add: Method = (...args) => addEventListener?.apply(signal, args);
  const remove: Method = (...args) => removeEventListener?.apply(signal, args);
  Object.defineProperty(signal, 'addEventListener', {
    value: (type: unknown, listener: unknown, options?: { once?: boolean }) => {
      count(listener, 1);
      if (options?.once === true) add('abort', () => count(listener, -1));
      add(type, listener, options);
    },
  });
  Object.defineProperty(signal, 'removeEventListener', {
    value: (type: unknown, listener: unknown, options?: unknown) => {
      count(listener, -1);
      remove(type, listener, options);
    },
  });
  return {
    signal,
    abort: (reason) => {
      controller.abort(reason);
    },
    listeners: () => [...listening.values()].reduce((sum, n) => sum + n, 0),
  };
}
