import type { ConsumerEndpoint, ProducerEndpoint, WorkerContext } from '@millrace/core';

export interface HoldsArgs {
  readonly source?: ConsumerEndpoint<number>;
  readonly out?: ProducerEndpoint<number>;
  /** How many items it takes, and does not settle. */
  readonly take: number;
  /** Hears when it has them, and its home knows. */
  readonly ready?: ProducerEndpoint<string>;
}

/** Holds its endpoints, and some items, until it is asked to stop. */
export default async function holds(
  { source, take, ready }: HoldsArgs,
  { signal }: WorkerContext,
): Promise<number> {
  const deliveries = source?.deliveries();
  let held = 0;
  for (; held < take; held++) await deliveries?.next();
  await source?.flush();
  await ready?.put('ready');
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return held;
}
