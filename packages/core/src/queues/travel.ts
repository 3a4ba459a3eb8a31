import type { Departure, EndpointToken } from '../transport/backend.js';

/**
 * What can be handed to a worker within its arguments. A registered symbol, so that endpoints are known as such whichever
 * copy of the library made them.
 */
export const DEPART: unique symbol = Symbol.for('millrace.depart') as never;

/** Types only: which items go in. Without it a producer of some items would pass for a producer of more. */
export declare const ACCEPTS: unique symbol;
/** Types only: which items come out. */
export declare const GIVES: unique symbol;

export interface Traveller {
  /** Leaves for a worker: gives the token that takes its place, and is of no use here any more. */
  [DEPART](via: Departure): EndpointToken;
  /** Throws what leaving would throw, and changes nothing. */
  [DEPART](via: Departure, only: 'check'): undefined;
}

export function isTraveller(value: object): value is Traveller {
  return DEPART in value;
}

/** Where the runtime has no such symbol yet, one of ours stands in, as compiled `await using` code does. */
export const asyncDispose: typeof Symbol.asyncDispose = (Symbol as { asyncDispose?: typeof Symbol.asyncDispose })
  .asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose);

/**
 * What is made of endpoints and can be handed to a worker as they can: it takes itself apart here, its endpoints travel, and
 * it is put together again where they arrive.
 */
export const DISMANTLE: unique symbol = Symbol.for('millrace.dismantle') as never;

export interface Compound {
  /** Gives its parts and rests until it hears whether they left. Throws what keeps it here, and has then changed nothing. */
  [DISMANTLE](): Dismantled;
}

export interface Dismantled {
  /** Says what puts it together again. */
  readonly kind: string;
  /** Endpoints, other compounds, and data that can be cloned, at any depth. */
  readonly parts: object;
  /** It has left, and is of no use here any more; or nothing has, and it goes on here. */
  settle(left: boolean): void;
}

export function isCompound(value: object): value is Compound {
  return DISMANTLE in value;
}
