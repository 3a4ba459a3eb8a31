import type { ProducerEndpoint } from '@millrace/core';

export interface CountArgs {
  readonly out: ProducerEndpoint<number>;
  readonly upTo: number;
}

export default async function count({ out, upTo }: CountArgs): Promise<number> {
  for (let n = 1; n <= upTo; n++) await out.put(n);
  return upTo;
}
