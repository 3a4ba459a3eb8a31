import type { Runtime } from './runtime.js';

const PARTS = 4;

/**
 * Waits for another's sign of life. The time is counted in parts, of which each has to pass here, too: when all stood still,
 * in a frozen page or a computer asleep, the other could give no sign either, and that counts as one part at most. Nor is
 * a sign overlooked that came while this side itself was held up.
 */
export class Patience {
  private readonly runtime: Runtime;
  private timer: unknown;

  /** @param over - called when the other has had its time; not for Infinity */
  constructor(runtime: Runtime, ms: number, over: () => void) {
    this.runtime = runtime;
    if (ms < Infinity) this.wait(ms / PARTS, PARTS, over);
  }

  /** Harmless when it is over. */
  end(): void {
    this.runtime.clearTimer(this.timer);
  }

  private wait(ms: number, parts: number, over: () => void): void {
    this.timer = this.runtime.setTimer(() => {
      if (parts === 1) over();
      else this.wait(ms, parts - 1, over);
    }, ms);
  }
}
