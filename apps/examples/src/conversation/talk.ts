/** A range of numbers to look through. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What parent and children say to each other, besides DIE. */
export interface Talk {
  /** Count the primes in this range. */
  DO: Range;
  /** So many are there. */
  FINISHED: number;
}
