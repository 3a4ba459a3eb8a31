import type { ProducerContext } from '@millrace/core';

import type { Dish } from './dish.js';

export interface CookArgs {
  /** Names the dishes apart from those of other runs. */
  readonly run: string;
  readonly dish: string;
  /** How many it cooks before it goes home. */
  readonly dishes: number;
}

/** Cooks one dish at each step, at the rhythm that its host has given it. */
export default class Cook {
  private readonly args: CookArgs;
  private cooked = 0;
  private last: string | undefined;

  constructor(args: CookArgs) {
    this.args = args;
  }

  async work(context: ProducerContext<never, string>) {
    // By the next step the last dish is surely on the table.
    if (this.last !== undefined) await context.message(this.last);
    this.last = undefined;
    const { run, dish, dishes } = this.args;
    if (this.cooked === dishes) {
      context.stop();
      return context.skip;
    }
    this.cooked++;
    this.last = `${run} ${context.id} ${String(context.attempt)} ${String(this.cooked)}`;
    return { id: this.last, dish } satisfies Dish;
  }
}
