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
  /** One that runs one call at a time is slower still: the part of the others' items that it moves. Default 1. */
  readonly share?: number;
  readonly open: () => Calls;
}

/** All items by calls, many of them under way at a time; of the items, this part. */
export function fetching(library: CallLibrary, share: number): Contender {
  return {
    name: library.name,
    share: share * (library.share ?? 1),
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
