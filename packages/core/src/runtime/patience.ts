import type { Runtime } from './runtime.js';

const PARTS = 4;

/**
 * Waits for another's sign of life. The time is counted in parts, of which each has to pass here, too: when all stood still,
 * in a frozen page or a computer asleep, the other could give no sign either, and that counts as one part at most. Nor is
 * a sign overlooked that came while this side itself was held up.
 *
 * @param over - called when the other has had its time; not for Infinity
 * @returns what ends the wait; harmless when it is over
 */
export function patience(runtime: Runtime, ms: number, over: () => void): () => void {
  let timer: unknown;
  let parts = PARTS;
  const wait = (): void => {
    timer = runtime.setTimer(() => {
      if (--parts > 0) wait();
      else over();
    }, ms / PARTS);
  };
  if (ms < Infinity) wait();
  return () => {
    runtime.clearTimer(timer);
  };
}
