import { payloadNamed, type PayloadName } from '../payloads.js';

export interface Task {
  readonly payload: PayloadName;
  readonly index: number;
}

/** What a pool's worker does for one task: its result is the item. */
export default function make({ payload, index }: Task): unknown {
  return payloadNamed(payload).make(index);
}
