/**
 * The time that core lives in. It is handed in (`memory({ runtime })`), so that a test can own the clock; the default
 * is the platform's.
 */
export interface Runtime {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls `fn` once, `ms` milliseconds from now, unless it is cleared before. */
  setTimer(fn: () => void, ms: number): unknown;
  /** Forgets a timer; harmless when it has fired. */
  clearTimer(timer: unknown): void;
  /** Calls `fn` once after the current turn: after all promise reactions, before or with the next input. */
  defer(fn: () => void): void;
}

/** A message port: of it, what is the same in all runtimes. */
export interface Port {
  /** Setting it starts the port. */
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown, transfer?: readonly object[]): void;
  close(): void;
  /** Where a port would keep its process alive. */
  unref?(): void;
}

interface Platform {
  performance: { now(): number };
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setImmediate?(fn: () => void): unknown;
  queueMicrotask(fn: () => void): void;
  structuredClone(value: unknown, options?: { transfer?: readonly object[] }): unknown;
  URL: new (path: string, base: string) => { readonly href: string };
  TextEncoder: new () => {
    encodeInto(text: string, bytes: Uint8Array): { readonly read: number; readonly written: number };
  };
  TextDecoder: new (label: string, options: { readonly ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string };
  AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void };
  MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
  ReadableStream: new <R>(
    source: {
      pull(controller: ReadableStreamDefaultController<R>): Promise<void>;
      cancel(reason: unknown): Promise<void>;
    },
    strategy: { highWaterMark: number },
  ) => ReadableStream<R>;
  WritableStream: new <W>(sink: {
    write(chunk: W): Promise<void>;
    close(): Promise<void>;
    abort(reason: unknown): Promise<void>;
  }) => WritableStream<W>;
}

/** The runtime's globals that core touches, and the only place where it does. */
export const platform = globalThis as unknown as Platform;

let deferred: (() => void)[] = [];
let kick: (() => void) | undefined;

/** Where there is no setImmediate, a message to oneself is the first thing that comes after the turn. */
function deferByMessage(fn: () => void): void {
  if (kick === undefined) {
    const { port1, port2 } = new platform.MessageChannel();
    port1.onmessage = () => {
      const due = deferred;
      deferred = [];
      for (const call of due) call();
    };
    port1.unref?.();
    port2.unref?.();
    kick = () => {
      port2.postMessage(0);
    };
  }
  if (deferred.push(fn) === 1) kick();
}

/** Platforms keep a timer's ms in 32 bits, and fire at once when there are more. */
const LONGEST = 2 ** 31 - 1;

class LongTimer {
  private timer: unknown;

  constructor(fn: () => void, ms: number) {
    this.timer =
      ms > LONGEST
        ? platform.setTimeout(() => {
            this.timer = new LongTimer(fn, ms - LONGEST);
          }, LONGEST)
        : platform.setTimeout(fn, ms);
  }

  clear(): void {
    if (this.timer instanceof LongTimer) this.timer.clear();
    else platform.clearTimeout(this.timer);
  }
}

/** The platform's own time. */
export const systemRuntime: Runtime = Object.freeze({
  now: () => platform.performance.now(),
  setTimer: (fn: () => void, ms: number) => new LongTimer(fn, ms),
  clearTimer: (timer: unknown) => {
    if (timer instanceof LongTimer) timer.clear();
  },
  defer: (fn: () => void) => {
    if (platform.setImmediate === undefined) deferByMessage(fn);
    else platform.setImmediate(fn);
  },
});
