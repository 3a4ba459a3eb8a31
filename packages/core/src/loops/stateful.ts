import { type ProducerContext, SKIP, type Skip } from './context.js';

/** What a step gives: the next state, and an item if it made one, by name. An item may be a tuple or undefined like any other. */
export interface Step<State, Item> {
  /** Default: the state stays as it is. */
  readonly state?: State;
  readonly item?: Item;
}

/** A producer in functions. None of them keeps anything: what one returns is handed to the next. */
export interface StatefulProducer<State, Item, Message, Args> {
  /** Makes the first state. */
  start(args: Args, context: ProducerContext): State | Promise<State>;
  /** Makes an item of the state, or only another state. */
  step(state: State, context: Stateful<State>): Step<State, Item> | Promise<Step<State, Item>>;
  /** Gives the state that follows from a message. */
  onMessage?(message: Message, state: State, context: Stateful<State>): State | Promise<State>;
  onStop?(state: State, context: Stateful<State>): unknown;
}

/** The state of one worker. */
interface Cell<State> {
  state: State;
}

type Stateful<State> = ProducerContext<never, unknown, Cell<State>>;

/** What a worker's module exports for it. */
export interface StatefulHooks<State, Item, Message, Args> {
  onStart(args: Args, context: ProducerContext): Promise<Cell<State>>;
  work(context: Stateful<State>): Promise<Item | Skip>;
  onMessage(message: Message, context: Stateful<State>): Promise<void>;
  onStop(context: Stateful<State>): Promise<void>;
}

/**
 * Makes a producer of functions and a state, for a worker's module to export by default.
 *
 * @example
 * ```ts
 * // count.ts
 * import { statefulProducer } from '@millrace/core';
 *
 * export default statefulProducer({
 *   start: ({ from }: { from: number }) => from,
 *   step: (n) => ({ state: n + 1, item: n }),
 *   onMessage: async (n: number, _, context) => {
 *     await context.flush();
 *     return n;
 *   },
 * });
 * ```
 *
 * ```ts run
 * // main.ts
 * import { defineWorker, memory, Producer } from '@millrace/core';
 *
 * const count = new Producer(defineWorker(() => import('./count.js')), { transport: memory(), args: { from: 7 } });
 * await count.start();
 * console.log(await count.get(), await count.get()); // prints: 7 8
 * await count.send(50);
 * console.log(await count.get()); // prints: 50
 * await count.stop();
 * ```
 */
export function statefulProducer<State, Item, Message = never, Args = undefined>(
  producer: StatefulProducer<State, Item, Message, Args>,
): StatefulHooks<State, Item, Message, Args> {
  const hooks: Omit<StatefulHooks<State, Item, Message, Args>, 'onMessage'> & Partial<StatefulHooks<State, Item, Message, Args>> = {
    onStart: async (args, context) => ({ state: await producer.start(args, context) }),
    work: async (context) => {
      const cell = context.started;
      const made = await producer.step(cell.state, context);
      if ('state' in made) cell.state = made.state;
      return 'item' in made ? (made.item) : SKIP;
    },
    onStop: async (context) => {
      await producer.onStop?.(context.started.state, context);
    },
  };
  // Without a handler, messages are refused.
  if (producer.onMessage !== undefined)
    hooks.onMessage = async (message, context) => {
      const cell = context.started;
      cell.state = await producer.onMessage!(message, cell.state, context);
    };
  return hooks as StatefulHooks<State, Item, Message, Args>;
}
