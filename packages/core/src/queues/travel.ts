import type { Departure, EndpointToken } from '../transport/backend.js';

/**
 * What can be handed to a worker within its arguments. A registered symbol, so that endpoints are known as such whichever
 * copy of the library made them.
 */
export const DEPART: unique symbol = Symbol.for('millrace.depart') as never;

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
