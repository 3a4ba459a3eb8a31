import type { WorkerContext, WorkerFunction } from '../workers/ref.js';
import { ConsumerLoop } from './consumer-loop.js';
import { generatorHooks } from './generator.js';
import { functionFrom, type Hooks, hooksFrom, aspectsOf } from './hooks.js';
import { ProducerLoop } from './producer-loop.js';
import type { ConsumerStart, ProducerStart } from './wire.js';

const PRODUCER = 'a class or an object with a method `work`, or a generator function';
const CONSUMER = 'a class or an object with a method `work`, or a function that takes items';

/** A producer's loop around what its module exports. */
export function producerLoop(id: string, entry: unknown): WorkerFunction<unknown, unknown> {
  return async (args, context) => {
    const start = args as ProducerStart;
    const hooks = (): Hooks => hooksFrom(entry, start.args) ?? withAspects(generatorHooks(id, functionFrom(id, entry, PRODUCER), PRODUCER), entry);
    await new ProducerLoop(hooks, start, context).run();
  };
}

/** A consumer's loop around what its module exports. */
export function consumerLoop(id: string, entry: unknown): WorkerFunction<unknown, unknown> {
  return async (args, context: WorkerContext) => {
    const start = args as ConsumerStart;
    const hooks = (): Hooks => hooksFrom(entry, start.args) ?? withAspects(functionHooks(functionFrom(id, entry, CONSUMER)), entry);
    await new ConsumerLoop(hooks, start, context).run();
  };
}

function functionHooks(work: Hooks['work']): Hooks {
  return { onStart: () => undefined, work, onMessage: undefined, undecided: false, onStop: () => undefined };
}

function withAspects(hooks: Hooks, entry: unknown): Hooks {
  return typeof entry === 'function' ? Object.assign(hooks, aspectsOf(entry)) : hooks;
}
