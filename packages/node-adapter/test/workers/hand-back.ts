import type { ConsumerEndpoint, ProducerEndpoint, WorkerContext } from '@millrace/core';

export interface HandBackArgs {
  readonly source: ConsumerEndpoint<Uint8Array>;
  readonly out: ProducerEndpoint<string>;
  /** How many it settles; the next one it holds. */
  readonly settle: number;
  readonly then: 'nack' | 'hold';
}

/** Settles items as fast as it can, so that more are fetched ahead, and then holds one. */
export default async function handBack(
  { source, out, settle, then }: HandBackArgs,
  { signal }: WorkerContext,
): Promise<void> {
  const deliveries = source.deliveries();
  for (let n = 0; n < settle; n++) (await deliveries.next()).value?.ack();
  const { value } = await deliveries.next();
  if (then === 'nack') value?.nack();
  await source.flush();
  await out.put(`${String(value?.moved)} ${String(value?.value[0])}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
