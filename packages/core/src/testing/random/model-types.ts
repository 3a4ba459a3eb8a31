import type { Overflow } from '../../transport/spec.js';

/** What still waits at a quiescent point, and so has to have a reason. */
export interface Waits {
  /** Puts. */
  readonly puts: number;
  /** Gets and nexts, each with the number of items that its iteration holds, and whether it gathers a batch of so many more. */
  readonly takes: readonly {
    readonly held: number;
    readonly gathers: number;
    readonly what: string;
    readonly excused: boolean;
  }[];
}

export interface ModelOptions {
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly maxDeliveries: number;
  /** Whether it has a gate, closed at first. */
  readonly gated: boolean;
  readonly onTake: boolean;
  /** All calls take effect in the order of their calls, at once. */
  readonly local: boolean;
  /** A clear is under way for a moment when it was called. */
  readonly clearsLater: boolean;
  /** Items can carry headers. */
  readonly headers: boolean;
}
