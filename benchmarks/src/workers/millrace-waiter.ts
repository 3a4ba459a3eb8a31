import type { ConsumerEndpoint } from '@millrace/core';

/** Waits until the queue ends, and answers what came. */
export default async function wait({
  input,
}: {
  readonly input: ConsumerEndpoint<number>;
}): Promise<number[]> {
  const came: number[] = [];
  for await (const item of input) came.push(item);
  return came;
}
