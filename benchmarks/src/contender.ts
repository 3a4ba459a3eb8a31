import type { BenchOptions } from './options.js';
import type { Payload, PayloadName } from './payloads.js';

/** What one run has to move. */
export interface Load<T = unknown> {
  readonly payload: Payload<T>;
  /** The items that count. */
  readonly items: number;
  /** Items sent before them, which do not count. */
  readonly warm: number;
}

/** One of those that are compared. */
export interface Contender {
  readonly name: string;
  /** The part of the items that a slow contender moves, so that its run takes no longer than the others'. Default 1. */
  readonly share?: number;
  /** Whether it can take part, here and with this payload. Default: always. */
  carries?(payload: PayloadName): boolean;
  /**
   * Moves the load, fails if anything is lost, and leaves nothing behind. Answers in the scenario's unit; where one run tells
   * several things, by the names of these.
   */
  run<T>(load: Load<T>): Promise<number | Readonly<Record<string, number>>>;
}

/** Of all but rates, less is better. */
export type Unit = 'items/s' | 'us' | 'KiB' | 'CPU ms';

export interface Scenario {
  readonly name: string;
  /** Only where all is asked for. */
  readonly full?: boolean;
  readonly unit: Unit;
  /** Its own number of runs, in place of the suite's; with `warmUp: false`, nothing runs before them. */
  readonly runs?: number;
  readonly warmUp?: boolean;
  readonly contenders: readonly Contender[];
  /** For each payload: how many items one run moves, and how many more to warm up a new worker. */
  readonly loads: Partial<Record<PayloadName, { readonly items: number; readonly warm: number }>>;
}

export interface Suite {
  readonly name: string;
  /** Runs of each contender after its warm-up. Default 7. */
  readonly runs?: number;
  /** What its contenders need; answers what ends that. */
  open?(options: BenchOptions): Promise<() => void | Promise<void>>;
  /** What else its numbers were measured on, once it is open. */
  machine?(): Readonly<Record<string, string>>;
  readonly scenarios: readonly Scenario[];
}
