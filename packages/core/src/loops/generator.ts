import { SKIP } from './context.js';
import { type Hooks, noEntry } from './hooks.js';
import { isThenable } from './loop.js';

/** Each value that the generator yields is an item; its end is the producer's, and its `finally` blocks run on a stop. */
export function generatorHooks(id: string, entry: (args: unknown, context: unknown) => unknown, expected: string): Hooks {
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  let begun = false;
  let running = false;
  const made = ({ done, value }: IteratorResult<unknown>, context: unknown): unknown => {
    if (done !== true) return value;
    (context as { stop(): void }).stop();
    return SKIP;
  };
  return {
    onStart: (args, context) => {
      const given = entry(args, context) as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
      if (typeof given === 'object') iterator = given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.();
      if (iterator === undefined) throw noEntry(id, expected);
    },
    work: (context) => {
      begun = true;
      const step = iterator!.next();
      if (!isThenable(step)) return made(step, context);
      running = true;
      return step
        .finally(() => {
          running = false;
        })
        .then((result) => made(result, context));
    },
    onMessage: undefined,
    get undecided() {
      return !begun;
    },
    onStop: () => {
      const left = iterator?.return?.();
      // In the middle of a step that took too long: it would wait behind that.
      if (!running || !isThenable(left)) return left;
      left.catch(() => undefined);
      return undefined;
    },
  };
}
