import type { ConsumerEndpoint } from '@millrace/core';

export interface SlowsArgs {
  readonly source: ConsumerEndpoint<number>;
  /** Int32: how many items all are done with. */
  readonly ledger: SharedArrayBuffer;
  /** It is done with an item once as many others are done. */
  readonly waitFor: number;
}

type WaitAsync = (
  cells: Int32Array,
  at: number,
  seen: number,
) => { readonly value: Promise<string> | string };

/** Takes items until the queue ends, and is slow with each, or not. */
export default async function slows({ source, ledger, waitFor }: SlowsArgs): Promise<number[]> {
  const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };
  const done = new Int32Array(ledger);
  const got: number[] = [];
  for await (const item of source) {
    for (let seen = Atomics.load(done, 0); seen < waitFor; seen = Atomics.load(done, 0))
      await waitAsync(done, 0, seen).value;
    got.push(item);
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  }
  return got;
}
