import type { ProducerContext } from '@millrace/core';

import { pause } from '../shared/pause.js';

interface SensorArgs {
  /** How many readings it takes before it falls silent. */
  readonly readings: number;
}

/** Takes so many readings, as a sensor does that nobody asks, and then waits for its end. */
export default async function* sensor({ readings }: SensorArgs, { signal }: ProducerContext) {
  for (let n = 1; n <= readings; n++) yield { n, celsius: 20 + Math.sin(n / 10) };
  await pause(Infinity, signal);
}
