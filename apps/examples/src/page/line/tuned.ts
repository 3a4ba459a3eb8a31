import type { WorkerContext } from '@millrace/core';

import { pause } from '../../shared/pause.js';
import type { Tuning } from './item.js';

/** Timers that are shorter are not kept by browsers. */
const SHORTEST = 4;
/** What a worker has fallen behind by more, in ms, it does not make up for. */
const BEHIND = 50;

/** A rhythm that the page can change at any time. */
export class Tuned {
  tuning: Tuning;
  private due = performance.now();
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
    if (rate === 0 || this.due > at) return 0;
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
    const ms = this.tuning.rate === 0 ? Infinity : this.due - performance.now();
    await pause(Math.max(SHORTEST, ms), this.changed.signal);
  }

  private readonly wake = (): void => {
    this.due = performance.now();
    this.changed.abort();
    this.changed = new AbortController();
  };
}
