import type { WorkerContext } from '@millrace/core';

import { pause } from '../../shared/pause.js';
import type { Tuning } from './item.js';

/** What is due within so many ms is done at once: nobody sees the difference, and at high rates each time costs messages. */
const SHORTEST = 10;
/** What a worker has fallen behind by more, in ms, it does not make up for. */
const BEHIND = 50;

/** A rhythm that the page can change at any time. */
export class Tuned {
  tuning: Tuning;
  private due = performance.now();
  /** Nothing is taken before. */
  private rest = 0;
  private changed = new AbortController();
  private readonly signal: AbortSignal;

  constructor(tuning: Tuning, { channel, signal }: WorkerContext) {
    this.tuning = tuning;
    this.signal = signal;
    channel.listen((message) => {
      this.tuning = message as Tuning;
      this.wake();
    });
    signal.addEventListener('abort', this.wake);
  }

  /** How many items of at most `most` are due by now: 0 or more. They count as done. */
  takeDue(most: number): number {
    const at = performance.now();
    const { rate } = this.tuning;
    this.due = Math.max(this.due, at - BEHIND);
    if (rate === 0 || this.due > at || this.rest > at) return 0;
    this.rest = at + SHORTEST;
    const count = Math.min(most, Math.floor(((at - this.due) * rate) / 1000) + 1);
    this.due += (count * 1000) / rate;
    return count;
  }

  /** Takes the time that so many items take. Ends early when the rhythm changes or the worker is to stop. */
  async spend(items: number): Promise<void> {
    const { rate } = this.tuning;
    this.due = Math.max(this.due, performance.now() - BEHIND) + (items * 1000) / rate;
    if (this.due - performance.now() >= SHORTEST) await this.untilDue();
  }

  /** Waits for what is due next, or for a change. */
  async untilDue(): Promise<void> {
    if (this.signal.aborted) return;
    const ms = this.tuning.rate === 0 ? Infinity : Math.max(this.due, this.rest) - performance.now();
    await pause(Math.max(0, ms), this.changed.signal);
  }

  private readonly wake = (): void => {
    this.due = performance.now();
    this.changed.abort();
    this.changed = new AbortController();
  };
}
