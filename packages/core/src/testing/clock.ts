import type { Runtime } from '../runtime/runtime.js';

interface Timer {
  readonly due: number;
  readonly place: number;
  readonly fn: () => void;
}

/**
 * A clock that stands still until it is told: what a test hands to a transport, so that no test sleeps.
 *
 * @example
 * ```ts run
 * import { hasCode, IterableQueue, memory } from '@millrace/core';
 * import { ManualClock } from '@millrace/core/testing';
 *
 * const clock = new ManualClock();
 * const queue = new IterableQueue<string>({ transport: memory({ runtime: clock }) });
 * const waiting = queue
 *   .consumer()
 *   .get({ timeout: 60_000 })
 *   .catch((error: unknown) => hasCode(error, 'TIMED_OUT'));
 * clock.advance(60_000);
 * console.log(await waiting); // prints: true
 * ```
 */
export class ManualClock implements Runtime {
  private time: number;
  private places = 0;
  private readonly timers = new Set<Timer>();
  private deferred: (() => void)[] = [];

  constructor(start = 1000) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  setTimer(fn: () => void, ms: number): unknown {
    const timer: Timer = { due: this.time + ms, place: this.places++, fn };
    this.timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as Timer);
  }

  defer(fn: () => void): void {
    this.deferred.push(fn);
  }

  /** Lets time pass: fires, in order, every timer that falls due, at its own time. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (let next = this.nextDue(until); next !== undefined; next = this.nextDue(until)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.fn();
    }
    this.time = until;
  }

  /** Runs what was deferred to the end of the turn; answers how many calls there were. */
  runDeferred(): number {
    const due = this.deferred;
    this.deferred = [];
    for (const fn of due) fn();
    return due.length;
  }

  /** What has not happened yet. */
  pending(): { readonly timers: number; readonly deferred: number } {
    return { timers: this.timers.size, deferred: this.deferred.length };
  }

  private nextDue(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.due > until) continue;
      if (
        next === undefined ||
        timer.due < next.due ||
        (timer.due === next.due && timer.place < next.place)
      )
        next = timer;
    }
    return next;
  }
}
