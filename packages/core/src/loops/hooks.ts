import { MillraceError } from '../errors/error.js';

/** A worker's code, in whichever form its module exports it. */
export interface Hooks {
  onStart(args: unknown, context: unknown): unknown;
  work(...args: unknown[]): unknown;
  onMessage: ((message: unknown, context: unknown) => unknown) | undefined;
  onStop(context: unknown): unknown;
}

/** Whether the thing is a class with the method, or an object that has it. */
function isClassWithWork(entry: unknown): entry is new (args: unknown) => object {
  return typeof entry === 'function' && typeof (entry as { prototype?: { work?: unknown } }).prototype?.work === 'function';
}

function hooksOf(object: object): Hooks {
  const { onStart, work, onMessage, onStop } = object as Partial<Hooks>;
  return {
    onStart: (args, context) => onStart?.call(object, args, context),
    work: (...args) => work?.call(object, ...args),
    onMessage: onMessage === undefined ? undefined : (message, context) => onMessage.call(object, message, context),
    onStop: (context) => onStop?.call(object, context),
  };
}

/** Makes hooks of a class or an object; undefined for anything else. */
export function hooksFrom(entry: unknown, args: unknown): Hooks | undefined {
  if (isClassWithWork(entry)) return hooksOf(new entry(args));
  if (typeof entry === 'object' && entry !== null && typeof (entry as Partial<Hooks>).work === 'function') return hooksOf(entry);
  return undefined;
}

export function noEntry(id: string, what: string): MillraceError {
  return new MillraceError(
    'WORKER_NO_ENTRY',
    `Worker ${id} has nothing to run: its module must export ${what} by default.`,
    { worker: id },
  );
}
