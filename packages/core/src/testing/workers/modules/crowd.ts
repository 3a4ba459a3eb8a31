import type { ConsumerEndpoint } from '../../../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../../../queues/producer-endpoint.js';
import { type Deed, perform } from './deeds.js';

export interface CrowdArgs {
  readonly consumers: readonly ConsumerEndpoint<number>[];
  /** Is put what the first of them has in hand, once all wait. */
  readonly told: ProducerEndpoint<number>;
  /** Opened, it does its deed. */
  readonly gate: ConsumerEndpoint<unknown>;
  readonly deed: Deed;
}

/** Has several consumers of one queue: the first holds an item, the others wait for one. */
export default async function crowd({
  consumers: [first, ...others],
  told,
  gate,
  deed,
}: CrowdArgs): Promise<void> {
  const step = await first?.deliveries().next();
  for (const other of others) void other.get().catch(() => undefined);
  if (step?.done === false) await told.put(step.value.value);
  await gate.get();
  await perform(deed, -1, undefined);
}
