import { MillraceError } from '../errors/error.js';
import type { Runtime } from '../runtime/runtime.js';
import { Inlet } from './channel.js';
import type { StartOptions, WorkerExit, WorkerHandle, WorkerState } from './handle.js';
import type { Received } from './receive-args.js';
import type { WorkerRef } from './ref.js';
import { WorkerSide } from './worker-side.js';

/**
 * Starts a worker in this very process: it shares its host's fate, and can only be asked to stop.
 *
 * @param receive - takes the endpoints in a value over to the worker, by whatever way the transport has
 */
export function runHere(
  id: string,
  worker: WorkerRef,
  args: unknown,
  { role }: StartOptions,
  runtime: Runtime,
  receive: (value: unknown) => Received,
): WorkerHandle<unknown> {
  let state: WorkerState = 'starting';
  const toHost = new Inlet();
  // A turn later, as from elsewhere, and not at all once the worker is gone.
  const pass = (deliver: () => void): void => {
    void Promise.resolve().then(() => {
      if (state !== 'stopped') deliver();
    });
  };
  const side = new WorkerSide({
    id,
    role,
    runtime,
    given: receive(args),
    post: (message) => {
      pass(() => {
        toHost.push(message);
      });
    },
  });
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let leave!: (end: WorkerExit<unknown>) => void;
  const exit = new Promise<WorkerExit<unknown>>((resolve) => {
    leave = resolve;
  });
  const ended = (end: WorkerExit<unknown>): void => {
    // It was left behind before.
    if (state === 'stopped') return;
    state = 'stopped';
    leave(end);
  };
  side
    .run(worker.url ?? 'the given import()', worker.load, () => {
      state = 'started';
      begin();
    })
    .then(
      (value) => {
        ended({ status: 'finished', value });
      },
      (error: unknown) => {
        ended({ status: 'failed', error: error as MillraceError });
      },
    );
  const leaveBehind = async (): Promise<void> => {
    if (state === 'stopped') return;
    state = 'stopped';
    await side.close();
    const message = `Worker ${id} did not stop, and nothing can end it in this process: its endpoints are closed, and it is left behind.`;
    leave({ status: 'failed', error: new MillraceError('STOP_TIMED_OUT', message, { worker: id }) });
  };
  const result = async (): Promise<unknown> => {
    const end = await exit;
    if (end.status === 'failed') throw end.error;
    return end.value;
  };
  return {
    id,
    get state() {
      return state;
    },
    channel: {
      post: (message) => {
        if (state === 'stopped') return;
        const received = receive(message);
        void Promise.resolve().then(() => {
          side.receive(received);
        });
      },
      listen: toHost.listen,
    },
    started: async () => {
      // What ended before it began says why.
      if ((await Promise.race([begun, exit])) !== undefined) await result();
    },
    exit,
    result,
    stop: () => {
      side.stop();
    },
    terminate: () => {
      side.stop();
      // It may end by itself in this very turn.
      runtime.defer(() => {
        void leaveBehind();
      });
      return exit;
    },
  };
}
