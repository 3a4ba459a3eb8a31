import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface Seen {
  readonly value: number;
  readonly attempt: number;
}

export interface PoisonedArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<Seen>;
  readonly poison: number;
  /** At which attempt the poison works no more. */
  readonly immuneAt: number;
}

/** Takes items until one kills it. */
export default async function poisoned({
  source,
  out,
  poison,
  immuneAt,
}: PoisonedArgs): Promise<void> {
  for await (const delivery of source.deliveries()) {
    const { value, attempt } = delivery;
    await out.put({ value, attempt });
    if (value === poison && attempt < immuneAt) {
      await out.flush();
      process.exit(1);
    }
    delivery.ack();
  }
}
