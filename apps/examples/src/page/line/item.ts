/** What travels through the queue. */
export interface Item {
  /** The run of a producer that made it: of one that was started again, another. */
  readonly maker: number;
  /** Each run counts its items from 0. */
  readonly n: number;
  /** When it was made, in ms, on the clock that all workers share. */
  readonly at: number;
}

/** What a consumer writes down of a batch, before it says that it is done with it. */
export interface Receipt {
  /** Which items: the maker, the first number and the one behind the last, again and again. */
  readonly runs: readonly number[];
  readonly items: number;
  /** How long the items waited, from when they were made until they were taken: the sum, and the longest, in ms. */
  readonly waited: number;
  readonly longest: number;
}

/** What a producer says of itself now and then; all is counted from its start. */
export interface Made {
  readonly kind: 'made';
  /** The numbers below this one were offered, and the queue has said what became of them. */
  readonly offered: number;
  readonly accepted: number;
  readonly refused: number;
  /** It waits for room. */
  readonly blocked: boolean;
}

/** What a consumer says of itself now and then; all is counted from its start. */
export interface Worked {
  readonly kind: 'worked';
  readonly took: number;
  readonly settled: number;
  readonly redelivered: number;
  readonly inHand: number;
}

/** What the page tells a worker: how many items a second, and for consumers, how many at a time. */
export interface Tuning {
  readonly rate: number;
  readonly batch: number;
}

/** Milliseconds on a clock that all workers of the page share. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
