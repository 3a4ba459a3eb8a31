import type { PayloadName } from '../../payloads.js';

export interface RawTask {
  readonly payload: PayloadName;
  readonly items: number;
}

/** Comes behind the items: the end of a worker is no event in a page. */
export const END = null;
