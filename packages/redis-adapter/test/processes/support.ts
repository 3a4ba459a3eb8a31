import {
  type ArgsOf,
  type ErrorCode,
  hasCode,
  type MillraceError,
  type ResultOf,
  type StartOptions,
  systemRuntime,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type EndpointHome,
  type ProcessOptions,
  startProcess,
} from '../../dist/processes/index.js';

// Processes start in half the time when they need not compile, and strip types from, the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(
  import.meta.dirname,
  '../../node_modules/.cache/compile',
);

// A test may start dozens of processes on a machine that is busy with others; what hangs is caught all the same.

export interface Processes {
  start<Entry extends WorkerFunction<never, unknown>>(
    worker: WorkerRef<Entry>,
    args: ArgsOf<Entry>,
    options?: StartOptions,
  ): WorkerHandle<ResultOf<Entry>>;
  /** The workers that were told to be gone, in order. */
  readonly lost: readonly string[];
}

type Settings = Partial<Pick<ProcessOptions, 'resourceLimits' | 'linger' | 'grace' | 'home'>>;

/** Processes that are ended after the test. No endpoint can leave for them. */
export function openProcesses(settings: Settings = {}): Processes {
  const handles: WorkerHandle<unknown>[] = [];
  const lost: string[] = [];
  const home: EndpointHome = {
    departure: (worker) => ({
      worker,
      local: false,
      open: () => {
        throw new Error('no endpoint leaves for here');
      },
    }),
    known: () => Promise.resolve(),
    lost: (worker) => {
      lost.push(worker);
    },
  };
  onTestFinished(async () => {
    await Promise.all(handles.map((handle) => handle.terminate()));
  });
  return {
    lost,
    start: (worker, args, start = {}) => {
      const handle = startProcess({
        id: start.name ?? `process-${String(handles.length + 1)}`,
        worker,
        args,
        start,
        runtime: systemRuntime,
        home,
        child: { module: 'file:///nowhere.js', data: undefined },
        ...settings,
      });
      handles.push(handle);
      return handle as never;
    },
  };
}

/** What an act is refused with, whether it throws at once or rejects. Anything but an error with the code fails the test. */
export async function refusal(
  code: ErrorCode,
  act: Promise<unknown> | (() => unknown),
): Promise<MillraceError> {
  let given: unknown;
  try {
    given = await (typeof act === 'function' ? act() : act);
  } catch (error) {
    if (hasCode(error, code)) return error;
    throw error;
  }
  throw new Error(`expected ${code}, but it gave ${String(given)}`);
}

/** The next messages of a worker, as many as are asked for. */
export function messages(handle: WorkerHandle<unknown>, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const got: unknown[] = [];
    handle.channel.listen((message) => {
      if (got.push(message) === count) resolve(got);
    });
  });
}

/** Its first message. */
export async function message(handle: WorkerHandle<unknown>): Promise<unknown> {
  return (await messages(handle, 1))[0];
}
