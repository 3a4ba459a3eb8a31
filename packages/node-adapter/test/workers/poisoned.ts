import type { ConsumerEndpoint } from '@millrace/core';

export interface PoisonedArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly poison: number;
  /** At which attempt the poison works no more. */
  readonly immuneAt: number;
  /** Uint8 for each item: how often it was begun, and at which attempt the last time. */
  readonly ledger: SharedArrayBuffer;
}

/** Takes items until one kills it, and leaves its home no time to hear of them. */
export default async function poisoned({
  source,
  poison,
  immuneAt,
  ledger,
}: PoisonedArgs): Promise<void> {
  const begun = new Uint8Array(ledger, 0, ledger.byteLength / 2);
  const attempts = new Uint8Array(ledger, ledger.byteLength / 2);
  for await (const delivery of source.deliveries()) {
    const { value, attempt } = delivery;
    Atomics.add(begun, value, 1);
    Atomics.store(attempts, value, attempt);
    if (value === poison && attempt < immuneAt) process.exit(1);
    delivery.ack();
  }
}
