import { setTimeout } from 'node:timers/promises';
import type { SentinelSet } from '../support/servers.ts';

/** Between two fail-overs, in ms. */
const PAUSE = 2000;

/** Hands the master's part over again and again, whatever is done over it meanwhile. */
export class FailOvers {
  /** How often another server has become the master. */
  count = 0;
  private readonly set: SentinelSet;
  /** Resolves once those who are connected have found the new master. */
  private readonly follow: () => Promise<unknown>;
  private readonly end = new AbortController();
  private readonly run: Promise<void>;
  /** A fail-over, or what must not meet with one: one at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(set: SentinelSet, follow: () => Promise<unknown>) {
    this.set = set;
    this.follow = follow;
    this.run = this.goOn();
    // Told by `stop`.
    this.run.catch(() => undefined);
  }

  /** Does something while there is none. */
  calm<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when the one that is under way is over; rejects if one has failed. */
  async stop(): Promise<void> {
    this.end.abort();
    await this.run;
  }

  private async goOn(): Promise<void> {
    while (!this.end.signal.aborted) {
      const made = await this.calm(async () => {
        const passed = await this.set.passOn();
        await this.follow();
        return passed;
      });
      this.count++;
      await this.set.regrouped(made);
      await setTimeout(PAUSE, undefined, { signal: this.end.signal }).catch(() => undefined);
    }
  }
}
