import type { ConsumerEndpoint } from '../../../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../../../queues/producer-endpoint.js';
import { perform, type Scripted } from './deeds.js';

export interface CarrierArgs extends Scripted {
  readonly from: ConsumerEndpoint<number>;
  readonly to: ProducerEndpoint<number>;
}

/** A plain function: carries numbers from one queue to another. */
export default async function carrier({ from, to, at, gate }: CarrierArgs): Promise<void> {
  for await (const n of from) {
    await perform(at?.[n], n, gate);
    await to.put(n);
  }
}
