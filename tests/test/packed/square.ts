import type { ConsumerEndpoint, ProducerEndpoint, WorkerContext } from '@millrace/core';

export interface Args {
  readonly numbers: ConsumerEndpoint<number>;
  readonly squares: ProducerEndpoint<number>;
}

/** Squares numbers until they end, and says how many they were and who did it. */
export default async function square({ numbers, squares }: Args, { id }: WorkerContext) {
  let count = 0;
  for await (const n of numbers) {
    await squares.put(n * n);
    count++;
  }
  return { id, count };
}
