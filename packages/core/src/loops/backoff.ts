import { checkDuration } from '../queues/waits.js';
import { MillraceError } from '../errors/error.js';
import { show } from '../transport/spec.js';

/** How long to wait before the next try: longer each time, and not all at the same moment. */
export interface BackoffOptions {
  /** Before the first repetition, in ms. Default 100. */
  readonly min?: number | undefined;
  /** At the most, in ms. Default 10,000. */
  readonly max?: number | undefined;
  /** How many times longer each wait is than the one before, 1 or more. Default 2. */
  readonly factor?: number | undefined;
  /** The part of each wait that is left to chance, 0 to 1. Default 0.5. */
  readonly jitter?: number | undefined;
}

export function checkBackoff(option: string, { min, max, factor, jitter }: BackoffOptions = {}): void {
  checkDuration(`${option}.min`, min);
  checkDuration(`${option}.max`, max);
  if (factor !== undefined && !(factor >= 1))
    throw new MillraceError('BAD_OPTION', `Option ${option}.factor is ${show(factor)}; it must be a number from 1 up.`, { option, value: factor });
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1))
    throw new MillraceError('BAD_OPTION', `Option ${option}.jitter is ${show(jitter)}; it must be a number from 0 to 1.`, { option, value: jitter });
}

/** How many ms to wait before repetition `n`, counted from 1. */
export function delay({ min = 100, max = 10_000, factor = 2, jitter = 0.5 }: BackoffOptions, n: number): number {
  const full = Math.min(max, min * factor ** (n - 1));
  return full * (1 - jitter * Math.random());
}
