import type { ConsumerContext } from '@millrace/core';

export interface Reading {
  readonly n: number;
  readonly celsius: number;
}

/** Averages batches of readings, and says when it is over. */
export default class Average {
  work(readings: readonly Reading[]) {
    const sum = readings.reduce((total, { celsius }) => total + celsius, 0);
    return { numbers: readings.map(({ n }) => n), celsius: sum / readings.length };
  }

  async onStop(context: ConsumerContext<string>) {
    await context.message('onStop');
  }
}
