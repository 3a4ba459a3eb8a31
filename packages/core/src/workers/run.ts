import { MillraceError, type ErrorCode } from '../errors/error.js';
import { platform } from '../runtime/runtime.js';
import type { ReceivedEndpoint } from './args.js';
import type { WorkerContext, WorkerFunction, WorkerModule } from './ref.js';

/** Loads a worker's module and finds what it exports to run. Fails with the code that says why it cannot start. */
export async function loadWorker(id: string, place: string, load: () => Promise<unknown>): Promise<WorkerFunction<unknown, unknown>> {
  let module: Partial<WorkerModule<unknown, unknown>> | undefined;
  try {
    module = (await load()) as typeof module;
  } catch (error) {
    throw loadError(id, place, error);
  }
  const run = module?.default;
  if (typeof run === 'function') return run;
  throw new MillraceError(
    'WORKER_NO_ENTRY',
    `Worker ${id} has nothing to run: ${place} has no function as its default export. Write \`export default async function (args) { ... }\`.`,
    { worker: id, module: place },
  );
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
  const stop = anyStop(context.signal, endpoints);
  try {
    return await run(args, { ...context, signal: stop.signal });
  } catch (error) {
    throw workerFailed(context.id, error);
  } finally {
    stop.forget();
    await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
  }
}

/** A worker is asked to stop by its host, or by what it was given: a peer that is told to die. */
function anyStop(host: AbortSignal, endpoints: readonly ReceivedEndpoint[]): { signal: AbortSignal; forget(): void } {
  const given = endpoints.flatMap((endpoint) => ('signal' in endpoint ? [endpoint.signal] : []));
  if (given.length === 0) return { signal: host, forget: () => undefined };
  const controller = new platform.AbortController();
  const watched = [host, ...given].map((signal) => {
    const stop = (): void => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    return { signal, stop };
  });
  return {
    signal: controller.signal,
    forget: () => {
      for (const { signal, stop } of watched) signal.removeEventListener('abort', stop);
    },
  };
}

export function workerFailed(id: string, cause: unknown, code: ErrorCode = 'WORKER_FAILED'): MillraceError {
  return new MillraceError(code, `Worker ${id} failed: ${messageOf(cause)}`, { worker: id }, cause);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hasNodeCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}
