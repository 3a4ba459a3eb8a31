import type { Runtime } from '../../runtime/runtime.js';

/** When things last happened. The clock is read once a turn: a reading for each item would cost more than the item. */
export class Progress {
  private readonly runtime: Runtime;
  private turnOpen = false;
  private turn = 0;
  private taken: number | undefined;
  private settled: number | undefined;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  noteTaken(): void {
    if (!this.turnOpen) this.openTurn();
    this.taken = this.turn;
  }

  noteSettled(): void {
    if (!this.turnOpen) this.openTurn();
    this.settled = this.turn;
  }

  /** How many ms ago, or undefined for never. */
  ago(): { lastTaken: number | undefined; lastSettled: number | undefined } {
    const now = this.runtime.now();
    const since = (at: number | undefined): number | undefined => (at === undefined ? undefined : now - at);
    return { lastTaken: since(this.taken), lastSettled: since(this.settled) };
  }

  private openTurn(): void {
    this.turnOpen = true;
    this.turn = this.runtime.now();
    this.runtime.defer(this.closeTurn);
  }

  private readonly closeTurn = (): void => {
    this.turnOpen = false;
  };
}
