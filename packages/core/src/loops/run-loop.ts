import type { WorkerContext, WorkerFunction } from '../workers/ref.js';
import { ConsumerLoop } from './consumer-loop.js';
import { type Hooks, hooksFrom, noEntry } from './hooks.js';
import { ProducerLoop } from './producer-loop.js';
import type { ConsumerStart, ProducerStart } from './wire.js';
import { SKIP } from './context.js';

const PRODUCER = 'a class or an object with a method `work`, or a generator function';
const CONSUMER = 'a class or an object with a method `work`, or a function that takes items';

/** A producer's loop around what its module exports. */
export function producerLoop(id: string, entry: unknown): WorkerFunction<unknown, unknown> {
  return async (args, context) => {
    const start = args as ProducerStart;
    await new ProducerLoop(hooksFrom(entry, start.args) ?? generatorHooks(id, entry), start, context).run();
  };
}

/** A consumer's loop around what its module exports. */
export function consumerLoop(id: string, entry: unknown): WorkerFunction<unknown, unknown> {
  return async (args, context: WorkerContext) => {
    const start = args as ConsumerStart;
    await new ConsumerLoop(hooksFrom(entry, start.args) ?? functionHooks(id, entry), start, context).run();
  };
}

function functionHooks(id: string, entry: unknown): Hooks {
  if (typeof entry !== 'function') throw noEntry(id, CONSUMER);
  return {
    onStart: () => undefined,
    work: (items, context) => (entry as (items: unknown, context: unknown) => unknown)(items, context),
    onMessage: undefined,
    onStop: () => undefined,
  };
}

/** Each value that the generator yields is an item; its end is the producer's, and its `finally` blocks run on a stop. */
function generatorHooks(id: string, entry: unknown): Hooks {
  if (typeof entry !== 'function') throw noEntry(id, PRODUCER);
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  return {
    onStart: (args, context) => {
      const made: unknown = (entry as (args: unknown, context: unknown) => unknown)(args, context);
      const iterable = made as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
      if (typeof iterable === 'object' && iterable?.[Symbol.asyncIterator] !== undefined) iterator = iterable[Symbol.asyncIterator]!();
      else if (typeof iterable === 'object' && iterable?.[Symbol.iterator] !== undefined) iterator = iterable[Symbol.iterator]!();
      else throw noEntry(id, PRODUCER);
    },
    work: async (context) => {
      const result = (await iterator!.next()) as IteratorResult<unknown, unknown>;
      if (result.done !== true) return result.value;
      (context as { stop(): void }).stop();
      return SKIP;
    },
    onMessage: undefined,
    onStop: async () => {
      await iterator?.return?.();
    },
  };
}
