import type { Runtime } from '../../runtime/runtime.js';

/** Counts that only grow. */
interface Counts {
  readonly taken: number;
  readonly acked: number;
}

/**
 * When things last happened. The clock is read once a turn, and what happened in it follows from the counts: a note for
 * each item would cost more than the item.
 */
export class Progress {
  private readonly runtime: Runtime;
  private readonly counts: Counts;
  private turnOpen = false;
  private turn = 0;
  private takenBefore = 0;
  private ackedBefore = 0;
  private taken: number | undefined;
  private settled: number | undefined;

  constructor(runtime: Runtime, counts: Counts) {
    this.runtime = runtime;
    this.counts = counts;
  }

  /** Something is about to be counted. */
  note(): void {
    if (!this.turnOpen) this.openTurn();
  }

  /** How many ms ago, or undefined for never. */
  ago(): { lastTaken: number | undefined; lastSettled: number | undefined } {
    this.readTurn();
    const now = this.runtime.now();
    const since = (at: number | undefined): number | undefined => (at === undefined ? undefined : now - at);
    return { lastTaken: since(this.taken), lastSettled: since(this.settled) };
  }

  private openTurn(): void {
    this.turnOpen = true;
    this.turn = this.runtime.now();
    this.takenBefore = this.counts.taken;
    this.ackedBefore = this.counts.acked;
    this.runtime.defer(this.closeTurn);
  }

  private readonly closeTurn = (): void => {
    this.readTurn();
    this.turnOpen = false;
  };

  private readTurn(): void {
    if (!this.turnOpen) return;
    if (this.counts.taken > this.takenBefore) this.taken = this.turn;
    if (this.counts.acked > this.ackedBefore) this.settled = this.turn;
  }
}
