import type { ProducerContext } from '../../../loops/context.js';
import { type Deed, heed, perform, type Scripted } from './deeds.js';

export interface MakerArgs extends Scripted {
  readonly from?: number | undefined;
  /** What it does when it starts, and when it stops. */
  readonly starting?: Deed | undefined;
  readonly stopping?: Deed | undefined;
  /** These it makes as something that cannot be copied. */
  readonly unfit?: readonly number[] | undefined;
  /** In the place of these it makes nothing. */
  readonly skips?: readonly number[] | undefined;
  /** It stops by itself after this one. */
  readonly last?: number | undefined;
}

/** What it can be told. */
export type MakerMessage =
  /** To go on from there, and to flush what it made before. */
  | { readonly from: number; readonly flush?: boolean }
  /** To say how many steps it has begun. */
  | 'steps'
  /** To do this in the handler. */
  | Deed;

type Context = ProducerContext<never, string, MakerArgs>;

/** Makes one number after the other, and tells the host what becomes of it. */
export default class Maker {
  private next = 0;
  private steps = 0;

  async onStart(args: MakerArgs = {}, context: Context): Promise<MakerArgs> {
    heed(args, context);
    await context.message(`start ${String(context.attempt)}`);
    if (args.starting !== undefined && context.attempt <= (args.runs ?? Infinity)) await perform(args.starting, -1, args.gate);
    this.next = args.from ?? 0;
    await context.message('started');
    return args;
  }

  async work(context: Context): Promise<number | Context['skip']> {
    this.steps++;
    const n = this.next++;
    const { at, runs = Infinity, gate, unfit, skips, last } = context.started;
    if (context.attempt <= runs) await perform(at?.[n], n, gate);
    if (n === last) context.stop();
    if (skips?.includes(n) === true) return context.skip;
    return unfit?.includes(n) === true ? ((() => n) as never) : n;
  }

  async onMessage(message: MakerMessage, context: Context): Promise<void> {
    if (message === 'steps') await context.message(`steps ${String(this.steps)}`);
    else if (typeof message === 'string') await perform(message, -1, context.started.gate);
    else {
      this.next = message.from;
      if (message.flush !== false) await context.flush();
    }
  }

  async onStop(context: Context): Promise<void> {
    await context.message('stop');
    await perform(context.started.stopping, -2, context.started.gate);
  }
}
