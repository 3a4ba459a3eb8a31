// Servers and proxies that live as long as the test that opened them.

import { onTestFinished } from 'vitest';

interface Stoppable {
  [Symbol.asyncDispose](): Promise<void>;
}

/** Stops it after the test, whatever comes of that. */
export async function opened<T extends Stoppable>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  onTestFinished(() => one[Symbol.asyncDispose]());
  return one;
}
