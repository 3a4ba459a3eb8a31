import { MillraceError } from '@millrace/core';

export function noFactory(id: string): MillraceError {
  const cure = [
    `defineWorker(() => import('./x.js'), new URL('./x.js', import.meta.url), () => new Worker(new URL('./x.worker.js', import.meta.url), { type: 'module' }))`,
    `x.worker.js: import { serveWorker } from '@millrace/browser-adapter/worker'; serveWorker(() => import('./x.js'));`,
  ];
  return new MillraceError(
    'WORKER_MODULE_NOT_FOUND',
    `Worker ${id} cannot start in a browser without a factory of its Web Worker. Write ${cure[0]!}, and in ${cure[1]!}`,
    { worker: id },
  );
}

/** The factory threw, or gave something else. */
export function notMade(id: string, cause: unknown): MillraceError {
  if (cause instanceof DOMException && cause.name === 'SecurityError')
    return blocked(id, cause.message, cause);
  return new MillraceError(
    'WORKER_LOAD_FAILED',
    `Worker ${id} cannot start: its factory made no Web Worker: ${text(cause)}. Give a function like () => new Worker(new URL('./x.worker.js', import.meta.url), { type: 'module' }).`,
    { worker: id },
    cause,
  );
}

/** A policy of the page's, or of the browser's, is in the way. */
export function blocked(id: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'WORKER_BLOCKED',
    `Worker ${id} cannot start: the browser does not let its file be loaded: ${why.replace(/\.$/, '')}. Serve it from the page's own origin, and let the content security policy's worker-src allow it.`,
    { worker: id },
    cause,
  );
}

/** The browser could not load the worker's file. It says why to developers only, on its console, unless the file itself threw. */
export function notLoaded(
  id: string,
  { message, filename, error }: Partial<ErrorEvent>,
): MillraceError {
  const thrown = message !== undefined && message !== '';
  return new MillraceError(
    'WORKER_LOAD_FAILED',
    thrown
      ? `Worker ${id} cannot start: its file ${filename ?? ''} failed to load: ${message}`
      : `Worker ${id} cannot start: its file was not loaded. It, or what it imports, is missing, is not served as JavaScript, has a syntax error, or is blocked by its own policies: the browser's console says which.`,
    {
      worker: id,
      ...(thrown && filename !== undefined && filename !== '' ? { module: filename } : {}),
    },
    error ?? undefined,
  );
}

export function notLoadedInTime(id: string, timeout: number): MillraceError {
  return new MillraceError(
    'WORKER_LOAD_FAILED',
    `Worker ${id} cannot start: its module was not loaded within ${String(timeout)} ms. Let its file call serveWorker() before it awaits anything; if it is only slow to load, raise the option startTimeout.`,
    { worker: id, timeout },
  );
}

export function closedItself(id: string): MillraceError {
  return new MillraceError(
    'WORKER_EXITED',
    `Worker ${id} closed itself before its function returned.`,
    { worker: id },
  );
}

/** Its lock was let go of, and it had not said that it ends. */
export function vanished(id: string): MillraceError {
  return new MillraceError(
    'WORKER_EXITED',
    `Worker ${id} was ended by the browser, or closed, before its function returned.`,
    {
      worker: id,
    },
  );
}

export function unreadable(id: string): MillraceError {
  return new MillraceError(
    'VALUE_UNREADABLE',
    `Worker ${id} has sent its host a value that cannot be read there. It was ended.`,
    {
      worker: id,
    },
  );
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
