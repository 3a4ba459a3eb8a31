import type { ItemHeaders, Taken } from '../backend.js';

export const WAITING = 0;
/** Sent ahead to a far consumer, which may or may not have begun it. Counts as waiting. */
export const FETCHED = 1;
export const IN_HAND = 2;
export const SETTLED = 3;

/** The value was moved here: it cannot be delivered twice. */
export const MOVED = 1;
/** The value holds errors, which need packing at each boundary. */
export const RICH = 2;

/** An item at its home. */
export class Entry implements Taken {
  value: unknown;
  /** MOVED and RICH. */
  readonly flags: number;
  /** Place in the order of arrival: what is given back goes to its old place. */
  readonly order: number;
  readonly epoch: number;
  readonly headers: ItemHeaders | undefined;
  state = WAITING;
  attempt = 1;
  /** Deliveries that surely reached user code: what poison is judged by. */
  begun = 0;
  /** Why it came back the last time. */
  error: unknown;
  /** To be delivered alone, since it was in a block of which it is not known how far it was begun. */
  alone = false;

  constructor(value: unknown, flags: number, order: number, epoch: number, headers: ItemHeaders | undefined) {
    this.headers = headers;
    this.error = undefined;
    this.value = value;
    this.flags = flags;
    this.order = order;
    this.epoch = epoch;
  }

  get moved(): boolean {
    return (this.flags & MOVED) !== 0;
  }
}
