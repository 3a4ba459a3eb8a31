import type { BlockExtra } from '../ports/messages.js';
import { movable } from './inbox.js';

/**
 * What endpoints and host tell each other beside the shared state: arrays that begin with one of these, or with a message of
 * the port channel. Over a link, or within one thread.
 */
export const TO_HOST = Object.freeze({
  /** `[kind, key, values, extra]`: the values of a block that does not fit into shared memory, before it is put. */
  KEEP: 101,
  /** `[kind, part, key, from, to]`: the values of a part that was sent; answered by VALUES. */
  FETCH: 102,
  /** `[kind, key, index, value]`: a value that was moved comes back. */
  RETURN: 103,
  /** `[kind, key]`: such a block was not put. */
  FORGET: 104,
} as const);

export const FROM_HOST = Object.freeze({
  /** `[kind, part, values, extra]` */
  VALUES: 111,
} as const);

/** What of such a message has to be moved with it. */
export function movableIn([kind, , values, extra]: readonly unknown[]): object[] {
  return kind === FROM_HOST.VALUES ? movable(values as unknown[], extra as BlockExtra | undefined) : [];
}
