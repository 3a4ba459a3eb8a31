import { MillraceError } from '../errors/error.js';
import type { WorkerAspects } from './context.js';

/** A worker's code, in whichever form its module exports it. */
export interface Hooks extends WorkerAspects {
  onStart(args: unknown, context: unknown): unknown;
  work(...args: unknown[]): unknown;
  onMessage: ((message: unknown, context: unknown) => unknown) | undefined;
  /** It may still say how it handles messages: a generator does so in its first step. */
  readonly undecided: boolean;
  onStop(context: unknown): unknown;
}

type Class = new (args: unknown) => object;

/** A class, by its source if it has no method `work`: one that lacks it is to be told so, and a field holds it as well. */
function isClass(entry: unknown): entry is Class {
  return (
    typeof entry === 'function' &&
    (typeof (entry as { prototype?: { work?: unknown } }).prototype?.work === 'function' ||
      Function.prototype.toString.call(entry).startsWith('class'))
  );
}

function hasWork(object: object): boolean {
  return typeof (object as Partial<Hooks>).work === 'function';
}

/** Makes hooks of a class or an object; undefined for anything else, and for one that has no `work`. */
export function hooksFrom(entry: unknown, args: unknown): Hooks | undefined {
  const object = isClass(entry) ? new entry(args) : entry;
  if (typeof object !== 'object' || object === null || !hasWork(object)) return undefined;
  const { onStart, work, onMessage, onStop } = object as Partial<Hooks>;
  return {
    onStart: (started, context) => onStart?.call(object, started, context),
    work: (...given) => work?.call(object, ...given),
    onMessage: onMessage === undefined ? undefined : (message, context) => onMessage.call(object, message, context),
    undecided: false,
    onStop: (context) => onStop?.call(object, context),
    ...aspectsOf(object),
  };
}

/** The function that a module exports in the place of a class or an object. */
export function functionFrom<F extends (...args: never[]) => unknown>(id: string, entry: unknown, what: string): F {
  if (typeof entry !== 'function' || isClass(entry)) throw noEntry(id, what);
  return entry as F;
}

/** What an object, or a function, has besides its work. */
export function aspectsOf(entry: object): WorkerAspects {
  const { itemSchema, messageSchema, propagation } = entry as Partial<Hooks>;
  return { itemSchema, messageSchema, propagation };
}

export function noEntry(id: string, what: string): MillraceError {
  return new MillraceError('WORKER_NO_ENTRY', `Worker ${id} has nothing to run: its module must export ${what} by default.`, { worker: id });
}
