import { payloadNamed, type PayloadName } from '../payloads.js';

/** What comlink's workers offer: an item for each call. */
export const maker = {
  make: (payload: PayloadName, index: number): unknown => payloadNamed(payload).make(index),
};

export type Maker = typeof maker;
