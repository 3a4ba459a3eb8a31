import { patience, type Runtime } from '@millrace/core/channels';
import { expect, it } from 'vitest';

/** A platform that may fire timers late. */
class Late implements Runtime {
  time = 0;
  private timers: { due: number; fn: () => void }[] = [];

  now = (): number => this.time;
  setTimer = (fn: () => void, ms: number): unknown => {
    const timer = { due: this.time + ms, fn };
    this.timers.push(timer);
    return timer;
  };
  clearTimer = (timer: unknown): void => {
    this.timers = this.timers.filter((other) => other !== timer);
  };
  defer = (): void => undefined;

  /** So much time passes, and then what is due is fired: once. */
  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.due <= this.time);
    for (const timer of due) {
      this.clearTimer(timer);
      timer.fn();
    }
  }

  get waiting(): number {
    return this.timers.length;
  }
}

function waitsFor(ms: number) {
  const runtime = new Late();
  const told = { over: 0 };
  const end = patience(runtime, ms, () => {
    told.over = runtime.time;
  });
  return { runtime, told, end };
}

it('patience ends when its time has passed', () => {
  const { runtime, told } = waitsFor(100);
  for (let passed = 0; passed < 99; passed++) runtime.pass(1);
  expect(told.over).toBe(0);
  runtime.pass(1);
  expect(told.over).toBe(100);
  expect(runtime.waiting).toBe(0);
});

it('a time in which nothing ran is a quarter of it at most', () => {
  const { runtime, told } = waitsFor(100);
  runtime.pass(10);
  runtime.pass(3_600_000);
  for (let passed = 0; passed < 74; passed++) runtime.pass(1);
  expect(told.over).toBe(0);
  runtime.pass(1);
  expect(told.over).toBe(3_600_085);
});

it('patience that is ended, or is without end, leaves no timer', () => {
  const { runtime, told, end } = waitsFor(100);
  runtime.pass(60);
  end();
  end();
  expect(runtime.waiting).toBe(0);
  runtime.pass(100);
  expect(told.over).toBe(0);
  expect(waitsFor(Infinity).runtime.waiting).toBe(0);
});
