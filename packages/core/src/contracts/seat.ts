import type { MillraceError } from '../errors/error.js';
import type { Taken, Taker } from '../transport/backend.js';

/** What a seat tells of the item that came for it. */
export interface SeatOwner {
  arrived(seat: Seat, taken: Taken): void;
  /** It waits no more. */
  leave(seat: Seat): void;
}

/** Stands in line for somebody who is to get only items that were checked. */
export class Seat implements Taker {
  before: Taker | undefined;
  after: Taker | undefined;
  inLine = false;
  owner: unknown;
  /** Whoever gets an item from here may not get this one. */
  readonly holds = true;
  readonly taker: Taker;
  /** Came for it, and is being checked. */
  checking: readonly Taken[] = [];
  private readonly keeper: SeatOwner;

  constructor(taker: Taker, keeper: SeatOwner) {
    this.taker = taker;
    this.keeper = keeper;
  }

  get held(): number {
    return this.taker.held;
  }

  get wants(): number {
    return this.taker.wants ?? 1;
  }

  get ahead(): boolean {
    return this.taker.ahead;
  }

  get partial(): boolean {
    return this.taker.partial;
  }

  give(taken: Taken): void {
    this.keeper.arrived(this, taken);
  }

  end(): void {
    this.keeper.leave(this);
    this.taker.end();
  }

  fail(error: MillraceError): void {
    this.keeper.leave(this);
    this.taker.fail(error);
  }
}
