import { setTimeout as pause } from 'node:timers/promises';

import type { ConsumerContext } from '@millrace/core';

import type { Dish } from './dish.js';

export interface CustomerArgs {
  /** How long it takes over what it has taken at once. */
  readonly eatingMs: number;
}

export interface Eaten {
  readonly ids: readonly string[];
  /** How many of them said that they may have been taken before. */
  readonly redelivered: number;
}

/** Eats what is on its table, as much at once as its host has told it. */
export default class Customer {
  private readonly eatingMs: number;

  constructor({ eatingMs }: CustomerArgs) {
    this.eatingMs = eatingMs;
  }

  async work(dishes: readonly Dish[], { deliveries }: ConsumerContext): Promise<Eaten> {
    await pause(this.eatingMs);
    return { ids: dishes.map(({ id }) => id), redelivered: deliveries.filter((delivery) => delivery.redelivered).length };
  }
}
