import type { ProducerEndpoint } from '@millrace/core';

export interface ProduceArgs {
  readonly out: ProducerEndpoint<number>;
  readonly count: number;
}

/** Puts the numbers from 1 up to `count`, and says where it did so. */
export default async function produce({ out, count }: ProduceArgs): Promise<string> {
  console.info('a worker begins');
  for (let n = 1; n <= count; n++) await out.put(n);
  return `produced in ${String(globalThis)}`;
}
