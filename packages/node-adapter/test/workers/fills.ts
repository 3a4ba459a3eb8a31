import type { ProducerEndpoint } from '@millrace/core';

export interface Numbered {
  readonly producer: number;
  readonly n: number;
}

export interface FillsArgs {
  readonly out: ProducerEndpoint<Numbered>;
  readonly producer: number;
  readonly items: number;
  /** Int32: how many puts were answered, by all. */
  readonly ledger: SharedArrayBuffer;
}

/** Puts items as fast as there is room, and counts those that were accepted. */
export default async function fills({ out, producer, items, ledger }: FillsArgs): Promise<void> {
  const accepted = new Int32Array(ledger);
  for (let n = 0; n < items; n++) {
    await out.put({ producer, n });
    Atomics.add(accepted, 0, 1);
    Atomics.notify(accepted, 0);
  }
}
