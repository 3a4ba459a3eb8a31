import type { Contender, Load } from '../../../contender.js';
import type { PayloadName } from '../../../payloads.js';
import { byCalls } from '../../outstanding.js';

/** A thread that answers each call by an item. */
export interface Calls {
  call(payload: PayloadName, index: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What starts such a thread. */
export interface CallLibrary {
  readonly name: string;
  readonly open: () => Calls;
}

/** Calls carry an item so much slower than blocks do. */
const SHARE = 0.04;

/** All items by calls, many of them under way at a time. */
export function fetching(library: CallLibrary): Contender {
  return {
    name: library.name,
    share: SHARE,
    async run<T>(load: Load<T>) {
      const calls = library.open();
      try {
        return await byCalls(load, (index) => calls.call(load.payload.name, index) as Promise<T>);
      } finally {
        await calls.close();
      }
    },
  };
}
