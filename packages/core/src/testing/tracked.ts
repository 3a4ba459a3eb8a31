import type { ErrorCode } from '../errors/error.js';
import { type CodedError, codeOf, fail, text } from './assert.js';

/** What an operation gave, whether it answered at once, threw, or is still under way. */
export class Tracked<T> {
  readonly what: string;
  state: 'pending' | 'done' | 'failed' = 'pending';
  value: T | undefined;
  error: unknown;
  /** Resolves when the operation is over, however it ended. */
  readonly over: Promise<void>;

  constructor(what: string, act: () => T | Promise<T>) {
    this.what = what;
    const done = (value: T): void => {
      this.state = 'done';
      this.value = value;
    };
    const failed = (error: unknown): void => {
      this.state = 'failed';
      this.error = error;
    };
    let given: T | Promise<T>;
    try {
      given = act();
    } catch (error) {
      failed(error);
      this.over = Promise.resolve();
      return;
    }
    if (!isPromise(given)) {
      done(given);
      this.over = Promise.resolve();
    } else this.over = given.then(done, failed);
  }

  get pending(): boolean {
    return this.state === 'pending';
  }

  /** What it gave; anything else is a broken rule. */
  given(): T {
    if (this.state === 'pending')
      fail(`${this.what}: still waiting, although nothing is left that it could wait for`);
    if (this.state === 'failed') fail(`${this.what}: failed with ${text(this.error)}`);
    return this.value as T;
  }

  /** The error with this code that it must have failed with. */
  refusal(code: ErrorCode): CodedError {
    if (this.state === 'pending') fail(`${this.what}: still waiting, expected ${code}`);
    if (this.state === 'done') fail(`${this.what}: gave ${text(this.value)}, expected ${code}`);
    if (codeOf(this.error) !== code)
      fail(`${this.what}: failed with ${text(this.error)}, expected ${code}`);
    return this.error as CodedError;
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
