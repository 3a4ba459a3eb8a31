import { changed, type Bells, maySleep } from './bells.js';
import { LOCK, STEPS } from './layout.js';
import { lockSoon, SLEEPS, tryLock, unlock, watchLock } from './lock.js';
import type { Words } from './words.js';

/**
 * One holder's way to the shared state: a step runs under the lock, at once where it is free or soon will be, else as soon as
 * it is. Steps of one holder run in order. What a step changed before it threw is undone.
 */
export class Access {
  readonly s: Words;
  private readonly holder: number;
  private readonly bells: Bells;
  /** Called behind each step, when the lock is free again. */
  private readonly after: () => void;
  private waiting: (() => void)[] = [];
  private readonly resting: (() => void)[] = [];
  private held = false;

  constructor(s: Words, holder: number, bells: Bells, after: () => void = () => undefined) {
    this.s = s;
    this.holder = holder;
    this.bells = bells;
    this.after = after;
  }

  /** Runs the step now or later; answers whether it has run. Within a step, it runs as part of that. */
  run(step: () => void): boolean {
    if (this.held) {
      step();
      return true;
    }
    if (this.waiting.length > 0 || !this.lock()) {
      this.waiting.push(step);
      if (this.waiting.length === 1) void this.wait();
      return false;
    }
    this.do(step);
    return true;
  }

  /** Runs the step now, unless another has the lock; answers whether it has run. */
  tryRun(step: () => void): boolean {
    if (!this.isAtRest || !tryLock(this.s, this.holder)) return false;
    this.do(step);
    return true;
  }

  /** What a step answers: at once where it runs at once. */
  ask<T>(step: () => T): T | Promise<T> {
    let answer: { readonly value: T } | undefined;
    let answered: ((value: T) => void) | undefined;
    this.run(() => {
      answer = { value: step() };
      answered?.(answer.value);
    });
    return answer === undefined ? new Promise((resolve) => (answered = resolve)) : answer.value;
  }

  /** Resolves when no step waits for the lock; undefined where none does. */
  rest(): Promise<void> | undefined {
    return this.isAtRest ? undefined : new Promise((resolve) => this.resting.push(resolve));
  }

  /** Calls back, now or later, when no step of this holder is under way or waits for the lock. */
  whenAtRest(call: () => void): void {
    if (this.isAtRest) call();
    else this.resting.push(call);
  }

  private get isAtRest(): boolean {
    return !this.held && this.waiting.length === 0;
  }

  private lock(): boolean {
    return maySleep() ? lockSoon(this.s, this.holder) : tryLock(this.s, this.holder);
  }

  private do(step: () => void): void {
    const { s } = this;
    this.held = true;
    s.words[STEPS]!++;
    try {
      step();
      s.commit();
    } catch (error) {
      s.rollback();
      s.rings.length = 0;
      throw error;
    } finally {
      this.held = false;
      unlock(s);
      if (s.rings.length > 0) for (const slot of s.rings.splice(0)) this.bells.ring(s, slot);
    }
    this.after();
    if (this.resting.length > 0 && this.isAtRest) for (const call of this.resting.splice(0)) call();
  }

  private async wait(): Promise<void> {
    while (this.waiting.length > 0) {
      if (!tryLock(this.s, this.holder, SLEEPS)) {
        const value = watchLock(this.s);
        if (value !== undefined) await changed(this.s, LOCK, value);
        continue;
      }
      this.do(this.waiting.shift()!);
    }
  }
}
