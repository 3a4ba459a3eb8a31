import { MillraceError, type Runtime, type StartOptions, type WorkerHandle, type WorkerRef } from '@millrace/core';
import {
  cloneApart,
  exited,
  type FromWorker,
  outOfMemory,
  runElsewhere,
  type Vessel,
  type VesselEvents,
} from '@millrace/core/channels';
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { flags, type ProcessLimits } from './flags.js';
import type { ChildPlace, EndpointHome } from './home.js';
import { Stderr } from './stderr.js';
import { type Begin, seal, type ToProcess, unseal } from './wire.js';

export interface ProcessOptions {
  readonly id: string;
  readonly worker: WorkerRef;
  readonly args: unknown;
  readonly start: StartOptions;
  readonly runtime: Runtime;
  readonly home: EndpointHome;
  readonly child: ChildPlace;
  readonly resourceLimits?: ProcessLimits | undefined;
  /** How long, in ms, a process whose function has returned may take to end by itself before it is killed. Default 1000. */
  readonly linger?: number | undefined;
  /** How long, in ms, a worker may take to stop when this process is gone before its own is killed. Default 5000. */
  readonly grace?: number | undefined;
}

/** Node fires a timer of more ms than fit in 31 bits at once; the guard adds some to it. */
const LONGEST_GRACE = 2 ** 30;

/** How V8 ends a process that it finds no memory for. */
const GAVE_UP = new Set<string | null>(['SIGABRT', 'SIGTRAP', 'SIGILL']);

/**
 * Starts a worker in a process of its own. Throws, having moved nothing, what its arguments cannot travel by, and
 * `CAPABILITY_MISSING` when something in them is to be moved rather than copied.
 */
export function startProcess({
  id,
  worker,
  args,
  start,
  runtime,
  home,
  child,
  resourceLimits,
  linger = 1000,
  grace = 5000,
}: ProcessOptions): WorkerHandle<unknown> {
  if ((start.transfer?.length ?? 0) > 0)
    throw new MillraceError(
      'CAPABILITY_MISSING',
      `Worker ${id} runs in a process of its own: nothing can be moved to it. Leave the transfer list out, and it is copied.`,
      { worker: id, option: 'transfer' },
    );
  const execArgv = flags(resourceLimits);
  return runElsewhere(
    {
      id,
      worker,
      args,
      start,
      runtime,
      linger,
      via: home.departure(id),
      clone: cloneApart,
      lost: () => {
        home.lost(id);
      },
    },
    (data, _, events) =>
      launch(id, { kind: 'begin', start: data, child, grace: Math.min(grace, LONGEST_GRACE) }, home.known(id), execArgv, events),
  );
}

function launch(id: string, begin: Begin, known: Promise<void>, execArgv: readonly string[], events: VesselEvents): Vessel {
  const unmade = (cause: unknown): void => {
    events.gone(new MillraceError('WORKER_EXITED', `Worker ${id} could not be given a process: ${String(cause)}`, { worker: id }, cause));
  };
  let child: ChildProcess;
  try {
    child = fork(fileURLToPath(import.meta.resolve('@millrace/redis-adapter/process-entry')), {
      serialization: 'advanced',
      execArgv: [...execArgv],
      // The last one carries nothing: it is there to be seen breaking.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
    });
  } catch (error) {
    process.nextTick(unmade, error);
    return { post: () => undefined, end: () => undefined };
  }
  if (child.pid === undefined) {
    child.on('error', unmade);
    return { post: () => undefined, end: () => undefined };
  }
  // What cannot be sent or killed any more is about to be gone, and that is told.
  child.on('error', () => undefined);
  const stderr = new Stderr(child.stderr as Socket);
  child.stdio[4]?.on('error', () => undefined);
  (child.stdio[4] as Socket).resume();
  child.on('message', (envelope) => {
    const message = unseal<FromWorker>(envelope);
    if (message !== undefined) events.heard(message);
  });
  // Only what comes last says that all was heard: the end of the process, or that of its channel.
  const ended = new Promise<MillraceError | undefined>((resolve) => {
    child.on('exit', (exitCode, signal) => {
      if (GAVE_UP.has(signal)) resolve(undefined);
      else resolve(exited(id, signal === null ? { exitCode: exitCode ?? 0 } : { signal }));
    });
  });
  const silent = new Promise<void>((resolve) => {
    child.on('disconnect', resolve);
  });
  void Promise.all([ended, silent]).then(async ([error]) => {
    const said = await stderr.end();
    const full = error === undefined && /\bout of memory\b/i.test(said);
    if (full) events.failed(outOfMemory(id));
    events.gone(error ?? exited(id, { signal: child.signalCode ?? 'SIGABRT' }));
  });
  const post = (message: ToProcess): void => {
    child.send(seal(message), () => undefined);
  };
  // The process loads meanwhile. What it is told comes behind.
  let begun = known.then(() => {
    post(begin);
  });
  return {
    post: (message: ToProcess) => {
      begun = begun.then(() => {
        post(message);
      });
    },
    end: () => {
      child.kill('SIGKILL');
    },
  };
}
