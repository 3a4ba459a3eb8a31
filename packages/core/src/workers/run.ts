import { MillraceError } from '../errors/error.js';
import type * as Loops from '../loops/run-loop.js';
import { messageOf, workerFailed } from './failures.js';
import type { WorkerRole } from './handle.js';
import type { WorkerContext, WorkerFunction, WorkerModule } from './ref.js';

/**
 * Loads a worker's module and finds what it exports to run; waits for its arguments, too, if they are still being loaded.
 * Fails with the code that says why it cannot start.
 */
export async function loadWorker(
  id: string,
  place: string,
  load: () => Promise<unknown>,
  role: WorkerRole = 'function',
  args?: Promise<void>,
): Promise<WorkerFunction<unknown, unknown>> {
  let module: Partial<WorkerModule<unknown>> | undefined;
  let loops: typeof Loops | undefined;
  try {
    // Only producers and consumers need a loop. All is loaded side by side.
    [module, loops] = await Promise.all([load() as Promise<typeof module>, role === 'function' ? undefined : import('../loops/run-loop.js'), args]);
  } catch (error) {
    throw loadError(id, place, error);
  }
  const entry = module?.default;
  if (role === 'producer') return loops!.producerLoop(id, entry);
  if (role === 'consumer') return loops!.consumerLoop(id, entry);
  if (typeof entry === 'function') return plainFunction(entry as WorkerFunction<unknown, unknown>);
  throw new MillraceError(
    'WORKER_NO_ENTRY',
    `Worker ${id} has nothing to run: ${place} has no function as its default export. Write \`export default async function (args) { ... }\`.`,
    { worker: id, module: place },
  );
}

function plainFunction(run: WorkerFunction<unknown, unknown>): WorkerFunction<unknown, unknown> {
  return async (args, context) => {
    try {
      return await run(args, context);
    } catch (error) {
      throw workerFailed(context.id, error);
    }
  };
}

function loadError(id: string, place: string, cause: unknown): MillraceError {
  // The module itself is missing, not one that it imports.
  const missing = hasNodeCode(cause, 'ERR_MODULE_NOT_FOUND') && (cause as { url?: unknown }).url === place;
  const unreadable = hasNodeCode(cause, 'ERR_UNKNOWN_FILE_EXTENSION');
  return missing
    ? new MillraceError('WORKER_MODULE_NOT_FOUND', `Worker ${id} cannot start: there is no module at ${place}.`, { worker: id, module: place }, cause)
    : new MillraceError(
        'WORKER_LOAD_FAILED',
        `Worker ${id} cannot start: its module ${place} failed to load: ${messageOf(cause)}${unreadable ? ' Compile it, and refer to what was compiled.' : ''}`,
        { worker: id, module: place },
        cause,
      );
}

/** Runs a worker's function. */
export async function runWorker(
  run: WorkerFunction<unknown, unknown>,
  args: unknown,
  context: WorkerContext,
): Promise<unknown> {
  try {
    return await run(args, context);
  } catch (error) {
    throw error instanceof MillraceError ? error : workerFailed(context.id, error);
  }
}

function hasNodeCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}
