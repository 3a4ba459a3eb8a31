import { DO, type Peer, type PipeEnd, type WorkerContext } from '@millrace/core';

import type { Range, Talk } from './talk.js';

export interface ChildArgs {
  /** Its end of a pipe, or its part in a conversation of many: it works the same on both. */
  readonly self: PipeEnd<Talk, Talk> | Peer<Talk>;
}

/** Does what it is told, until it is told to die. */
export default async function child({ self }: ChildArgs, { signal }: WorkerContext) {
  let done = 0;
  for await (const message of self) {
    if (message.request !== DO) continue;
    await message.finish(countPrimes(message.data));
    done++;
  }
  return { done, toldToDie: signal.aborted };
}

function countPrimes({ from, to }: Range): number {
  let count = 0;
  for (let n = Math.max(2, from); n < to; n++) if (isPrime(n)) count++;
  return count;
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
