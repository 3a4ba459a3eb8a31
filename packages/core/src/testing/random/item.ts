/**
 * Where an item is, as far as can be known from outside:
 * - `offered`: its put is not answered.
 * - `waiting`: surely in the queue, and in nobody's hands.
 * - `limbo`: in the queue, or gone: an answer was lost, or a clear, a drop or a death may have met it.
 * - `in-hand`: user code has it.
 * - `gone`: acked, cleared, dropped, dead, or never put.
 */
export type Place = 'offered' | 'waiting' | 'limbo' | 'in-hand' | 'gone';

export interface Item {
  readonly id: number;
  readonly producer: object;
  /** Its number among its producer's items. */
  readonly sequence: number;
  /** Its put has others before it, so that it may be accepted before the put is answered. */
  readonly among: boolean;
  /** Others were put before it was known whether it was: it has no place in its producer's order. */
  unordered: boolean;
  /** Its producer died before it was known to have arrived. */
  doubtful: boolean;
  place: Place;
  /** What was put with it. */
  headers: Readonly<Record<string, string>> | undefined;
  /** How often user code received it and gave it back. */
  handed: number;
  /** How often it surely did. */
  sure: number;
  /** It was a dead letter, and may have become one again. */
  revived: boolean;
  /** From before a clear: it does not come back when it is given back. `maybe`: that is not known; `soon`: once the clear has come. */
  outdated: boolean | 'maybe' | 'soon';
  /** It was in the queue, or taken from there, when the present group of commands began. */
  arrivedBefore: boolean;
  /** It was unsettled all the time since the present group began. */
  unsettledBefore: boolean;
  /** It waited when the present group began, and was in nobody's hands since. */
  undisturbed: boolean;
  /** It was acked since the last quiescent point: if its consumer dies now, the ack may not have left. */
  ackedLately: boolean;
  delivered: boolean;
}

/** Items that come to one place in the user's code, in the order of its calls. */
export interface Lane {
  readonly latest: Map<object, number>;
}

export function newLane(): Lane {
  return { latest: new Map() };
}

/** An item whose put begins; `clearing` says that it may yet turn out to be from before a clear. */
export function newItem(
  id: number,
  producer: object,
  sequence: number,
  among: boolean,
  clearing: boolean,
): Item {
  return {
    id,
    producer,
    sequence,
    among,
    unordered: false,
    doubtful: false,
    place: 'offered',
    headers: undefined,
    handed: 0,
    sure: 0,
    revived: false,
    outdated: clearing ? 'maybe' : false,
    arrivedBefore: false,
    unsettledBefore: false,
    undisturbed: false,
    ackedLately: false,
    delivered: false,
  };
}
