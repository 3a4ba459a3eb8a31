import type { Load } from '../contender.js';
import { Tally } from '../tally.js';
import { OUTSTANDING } from './sizes.js';

/** Fetches every item by a call of its own, so many of them under way at a time. */
export async function byCalls<T>({ payload, items, warm }: Load<T>, call: (index: number) => Promise<T>): Promise<number> {
  const tally = new Tally(payload, items, warm, false);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < items + warm) tally.see(await call(next++));
  };
  await Promise.all(Array.from({ length: OUTSTANDING }, caller));
  return tally.rate();
}
