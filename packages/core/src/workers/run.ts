import { MillraceError } from '../errors/error.js';
import { consumerLoop, producerLoop } from '../loops/run-loop.js';
import { messageOf, workerFailed } from './failures.js';
import type { WorkerRole } from './handle.js';
import type { ReceivedEndpoint } from './receive-args.js';
import type { WorkerContext, WorkerFunction, WorkerModule } from './ref.js';

/** Loads a worker's module and finds what it exports to run. Fails with the code that says why it cannot start. */
export async function loadWorker(
  id: string,
  place: string,
  load: () => Promise<unknown>,
  role: WorkerRole = 'function',
): Promise<WorkerFunction<unknown, unknown>> {
  let module: Partial<WorkerModule<unknown>> | undefined;
  try {
    module = (await load()) as typeof module;
  } catch (error) {
    throw loadError(id, place, error);
  }
  const entry = module?.default;
  if (role === 'producer') return producerLoop(id, entry);
  if (role === 'consumer') return consumerLoop(id, entry);
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

/**
 * Runs a worker's function, and then closes the endpoints it was given: its producers behind their items; its consumers
 * give back what they did not settle.
 */
export async function runWorker(
  run: WorkerFunction<unknown, unknown>,
  args: unknown,
  endpoints: readonly ReceivedEndpoint[],
  context: WorkerContext,
): Promise<unknown> {
  try {
    return await run(args, context);
  } catch (error) {
    throw error instanceof MillraceError ? error : workerFailed(context.id, error);
  } finally {
    await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
  }
}

function hasNodeCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}
