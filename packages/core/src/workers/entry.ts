import type { Clone } from '../channels/values/clone.js';
import { packErrors } from '../channels/values/errors.js';
import { fix } from '../channels/values/fix.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Received } from './receive-args.js';
import type { SentArgs } from './send-args.js';
import type { FromWorker, ToWorker, WorkerStart } from './control.js';
import { WorkerSide } from './worker-side.js';

export interface EntryOptions {
  readonly start: WorkerStart;
  readonly runtime: Runtime;
  /** Tells the host, which hears all in order. */
  readonly tell: (message: FromWorker) => void;
  /** Makes endpoints of the tokens that came. */
  readonly receive: (sent: SentArgs) => Received;
  /** Imports the module. */
  readonly load: (place: string) => Promise<unknown>;
  /** How values are copied to the host. Default: by structured clone. */
  readonly clone?: Clone | undefined;
}

/** A worker that runs. */
export interface Entered {
  /** Its host says something. */
  readonly hear: (message: ToWorker) => void;
  /** Asks it to stop. */
  readonly stop: () => void;
  /** It has ended and its host was told how; whatever it was given is closed. Never rejects. */
  readonly over: Promise<void>;
}

/** What the first file of every thread or process does: runs the worker it was started with, and tells the host how it went. */
export function enterWorker({ start, runtime, tell, receive, load, clone }: EntryOptions): Entered {
  const side = new WorkerSide({
    id: start.id,
    role: start.role,
    runtime,
    given: receive(start.sent),
    post: (message) => {
      tell({ kind: 'post', message: packErrors(fix(message, 'message', clone)) });
    },
  });
  const run = async (): Promise<void> => {
    try {
      const value = await side.run(
        start.place,
        () => load(start.place),
        () => {
          tell({ kind: 'started' });
        },
      );
      tell({ kind: 'finished', value: packErrors(fix(value, 'result', clone)) });
    } catch (error) {
      tell({ kind: 'failed', error: packErrors(presentable(error, clone)) });
    }
  };
  return {
    hear: (message) => {
      if (message.kind === 'stop') side.stop();
      else side.receive(receive(message.sent));
    },
    stop: () => {
      side.stop();
    },
    over: run(),
  };
}

/** What can travel of an error: the fields that cannot be copied, its causes' among them, are left out. */
export function presentable(value: unknown, clone?: Clone, within: readonly unknown[] = []): unknown {
  try {
    return fix(value, '', clone);
  } catch {
    if (!(value instanceof Error) || within.includes(value)) return undefined;
    const { name, message, stack } = value;
    const copy = Object.assign(new Error(message) as Error & Record<string, unknown>, { name, stack });
    for (const key of Object.getOwnPropertyNames(value)) {
      if (key in copy) continue;
      const field = presentable((value as unknown as Record<string, unknown>)[key], clone, [...within, value]);
      if (field !== undefined) copy[key] = field;
    }
    return copy;
  }
}
