import { MillraceError } from '../errors/error.js';
import { type BackoffOptions, checkBackoff, delay } from '../loops/backoff.js';
import { checkDuration } from '../queues/waits.js';
import type { Runtime } from '../runtime/runtime.js';
import { show } from '../transport/spec.js';

/** Whether and when a worker that failed is started again. */
export interface RestartPolicy {
  /** Restarts of one worker within the window, at the most. Default 5. */
  readonly limit?: number | undefined;
  /** The window, in ms. Default 60,000. */
  readonly within?: number | undefined;
  readonly backoff?: BackoffOptions | undefined;
}

export function checkRestart({ limit, within, backoff }: RestartPolicy): void {
  if (limit !== undefined && limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new MillraceError('BAD_OPTION', `Option restart.limit is ${show(limit)}; it must be a whole number from 0 up.`, { option: 'restart.limit', value: limit });
  checkDuration('restart.within', within);
  checkBackoff('restart.backoff', backoff);
}

/** Counts one worker's restarts. */
export class Restarts {
  private readonly policy: RestartPolicy | undefined;
  private readonly runtime: Runtime;
  private recent: number[] = [];

  constructor(policy: RestartPolicy | undefined, runtime: Runtime) {
    this.policy = policy;
    this.runtime = runtime;
  }

  /** How many ms to wait before the next one; undefined when there shall be none. */
  next(): number | undefined {
    const { policy } = this;
    if (policy === undefined) return undefined;
    const now = this.runtime.now();
    this.recent = this.recent.filter((at) => now - at < (policy.within ?? 60_000));
    if (this.recent.length >= (policy.limit ?? 5)) return undefined;
    this.recent.push(now);
    return delay(policy.backoff ?? {}, this.recent.length);
  }
}
