import type { Runtime } from '../../runtime/runtime.js';

/** How long nobody may have taken anything, in ms, until a block does not wait for room any more. */
export const PATIENCE = 50;
/** So many times that long it waits at the most: others may use up all that is freed, or leave no gap that is large enough. */
const MOST_WAITS = 20;

/**
 * Where memory is short, the host keeps a block's values, which costs more than to wait until those who take have freed some.
 * As long as they go on taking it waits, for a while; and where they have stopped, no other block waits until they take again.
 */
export class Patience {
  readonly ms: number;
  private readonly runtime: Runtime;
  private readonly taken: () => number;
  private readonly again: () => void;
  private timer: unknown;
  /** How many had been taken when there was no patience left. */
  private last: number | undefined;
  private waits = 0;
  private over = false;

  /**
   * @param ms - how long to wait; 0: not at all
   * @param taken - how many items were taken so far
   * @param again - tries it once more, when there is no patience left
   */
  constructor(runtime: Runtime, ms: number, taken: () => number, again: () => void) {
    this.runtime = runtime;
    this.ms = ms;
    this.taken = taken;
    this.again = again;
  }

  /** Whether to wait, or to wait on. */
  lasts(): boolean {
    if (this.ms === 0 || this.over || this.taken() === this.last) return false;
    if (this.timer === undefined) this.wait();
    return true;
  }

  private wait(): void {
    const before = this.taken();
    this.timer = this.runtime.setTimer(() => {
      this.timer = undefined;
      const taken = this.taken();
      if (taken !== before && ++this.waits < MOST_WAITS) {
        this.wait();
        return;
      }
      this.last = taken;
      this.over = true;
      this.again();
    }, this.ms);
  }

  /** It has found room, or is not there any more. */
  end(): void {
    this.waits = 0;
    this.over = false;
    if (this.timer === undefined) return;
    this.runtime.clearTimer(this.timer);
    this.timer = undefined;
  }
}
