import type { ProducerEndpoint } from '@millrace/core';

export interface MovesArgs {
  readonly out: ProducerEndpoint<Uint8Array>;
  /** Of a queue that is full, and stays so. */
  readonly full: ProducerEndpoint<Uint8Array>;
  /** Of a queue that demands redelivery. */
  readonly strict: ProducerEndpoint<Uint8Array>;
}

/** Moves buffers into queues, and reports how long they are here afterwards. */
export default async function moves({
  out,
  full,
  strict,
}: MovesArgs): Promise<Record<string, unknown>> {
  const moved = new Uint8Array([1, 2, 3]);
  await out.put(moved, { transfer: [moved.buffer] });
  const tried = new Uint8Array([4, 5, 6]);
  await out.tryPut(tried, { transfer: [tried.buffer] });
  const refused = new Uint8Array([7, 8, 9]);
  const refusal = await codeOf(() => strict.put(refused, { transfer: [refused.buffer] }));
  const refusalTried = await codeOf(() => strict.tryPut(refused, { transfer: [refused.buffer] }));
  const kept = new Uint8Array([10, 11, 12]);
  const giveUp = new AbortController();
  const waiting = codeOf(() => full.put(kept, { transfer: [kept.buffer], signal: giveUp.signal }));
  const whileParked = kept.length;
  giveUp.abort();
  const aborted = await waiting;
  const late = await codeOf(() => full.put(kept, { transfer: [kept.buffer], timeout: 1 }));
  const noRoom = await full.tryPut(kept, { transfer: [kept.buffer] });
  return {
    moved: moved.length,
    tried: tried.length,
    refusal,
    refusalTried,
    refused: [...refused],
    whileParked,
    aborted,
    late,
    noRoom,
    kept: [...kept],
  };
}

async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
