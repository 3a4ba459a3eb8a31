import type { ConsumerContext } from '../../../loops/context.js';
import { type Deed, heed, perform, type Scripted } from './deeds.js';

export interface TakerArgs extends Scripted {
  /** Only in the first so many tries of a batch. Default: in all. */
  readonly tries?: number | undefined;
  readonly starting?: Deed | undefined;
  readonly stopping?: Deed | undefined;
  /** How it settles these by itself, before anything else. */
  readonly settles?: Readonly<Record<number, 'ack' | 'nack' | 'reject'>> | undefined;
  /** It stops by itself after the batch that holds this one. */
  readonly last?: number | undefined;
  /** With this one it sends a message that cannot be copied. */
  readonly tells?: number | undefined;
  /** Batches with this one give a result that cannot be copied. */
  readonly unfit?: number | undefined;
}

/** What it did with a batch. */
export interface Worked {
  readonly items: readonly number[];
  readonly tries: number;
  readonly attempts: readonly number[];
}

type Context = ConsumerContext<string, TakerArgs, number>;

/** Works on numbers, and tells the host what becomes of it. */
export default class Taker {
  async onStart(args: TakerArgs = {}, context: Context): Promise<TakerArgs> {
    heed(args, context);
    await context.message(`start ${String(context.attempt)}`);
    if (args.starting !== undefined && context.attempt <= (args.runs ?? Infinity)) await perform(args.starting, -1, args.gate);
    return args;
  }

  async work(items: readonly number[], context: Context): Promise<Worked | undefined> {
    const { started, deliveries, tries } = context;
    const { at, runs = Infinity, gate, settles, last, tells, unfit } = started;
    await context.message(`begin ${items.join(' ')}`);
    const worked = { items, tries, attempts: deliveries.map(({ attempt }) => attempt) };
    for (const delivery of deliveries) {
      const how = settles?.[delivery.value];
      if (how !== undefined && delivery.attempt === 1) delivery[how](new Error('as it was told'));
    }
    for (const n of items) if (context.attempt <= runs && tries <= (started.tries ?? Infinity)) await perform(at?.[n], n, gate);
    if (tells !== undefined && items.includes(tells)) await context.message((() => tells) as never);
    await context.message(`done ${items.join(' ')}`);
    if (last !== undefined && items.includes(last)) context.stop();
    return unfit !== undefined && items.includes(unfit) ? ((() => worked) as never) : worked;
  }

  async onMessage(message: Deed | 'note', context: Context): Promise<void> {
    await context.message(`hear ${message}`);
    if (message !== 'note') await perform(message, -1, context.started.gate);
    await context.message(`heard ${message}`);
  }

  async onStop(context: Context): Promise<void> {
    await context.message('stop');
    await perform(context.started.stopping, -2, context.started.gate);
  }
}
