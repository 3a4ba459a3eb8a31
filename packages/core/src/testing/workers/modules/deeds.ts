import type { LoopContext } from '../../../loops/context.js';
import { platform } from '../../../runtime/runtime.js';
import type { ConsumerEndpoint } from '../../../queues/consumer-endpoint.js';

/** What a worker does in the place of its work, to see what becomes of it. */
export type Deed =
  /** Throws a RangeError with a cause. */
  | 'throw'
  /** Throws an error that cannot be copied. */
  | 'throw-unfit'
  /** Waits for something in its gate. */
  | 'hold'
  /** Waits for ever. */
  | 'never'
  /** Keeps its event loop from running for a fifth of a second. */
  | 'block'
  /** Ends its process or thread with exit code 3, or closes its Web Worker. */
  | 'exit'
  /** An error that nobody catches. */
  | 'uncaught'
  /** Takes memory until there is none. */
  | 'memory';

export interface Scripted {
  /** What is done at which number. */
  readonly at?: Readonly<Record<number, Deed>> | undefined;
  /** Only in the first so many runs of a worker that is restarted. Default: in all. */
  readonly runs?: number | undefined;
  readonly gate?: ConsumerEndpoint<unknown> | undefined;
  /** It tells when it hears that it is to stop: what a host says, and what it puts into queues, have no common order. */
  readonly heeds?: boolean | undefined;
}

/** What it tells then. */
export const ASKED = 'asked to stop';

/** Tells the host of the stop as soon as that is heard, whatever else is being done. */
export function heed({ heeds }: Scripted, context: LoopContext<string>): void {
  if (heeds === true)
    context.signal.addEventListener('abort', () => {
      void context.message(ASKED);
    });
}

interface Scope {
  readonly process?: { exit(code: number): void };
  close?(): void;
}
const scope = globalThis as Scope;

/** What `'exit'` ends with, where there is such a thing. */
export const EXIT_CODE = scope.process === undefined ? undefined : 3;

const BLOCKED = 200;

export async function perform(deed: Deed | undefined, n: number, gate: ConsumerEndpoint<unknown> | undefined): Promise<void> {
  switch (deed) {
    case undefined:
      return;
    case 'throw':
      throw new RangeError(`no ${String(n)}`, { cause: new Error('none left') });
    case 'throw-unfit':
      throw Object.assign(new Error(`no ${String(n)}`), { how: () => n });
    case 'hold':
      await gate?.get();
      return;
    case 'never':
      await new Promise(() => undefined);
      return;
    case 'block':
      // Not every page may share memory to wait on.
      for (const until = platform.performance.now() + BLOCKED; platform.performance.now() < until; );
      return;
    case 'exit':
      if (scope.process === undefined) scope.close?.();
      else scope.process.exit(3);
      await new Promise(() => undefined);
      return;
    case 'uncaught':
      void Promise.reject(new RangeError('nobody catches it'));
      await new Promise(() => undefined);
      return;
    case 'memory':
      for (const hoard: unknown[] = []; ; ) hoard.push(new Array(1e5).fill({ n }));
  }
}
