import { LOCK } from './layout.js';
import type { Words } from './words.js';

/** How often it is tried before this thread sleeps: a step takes some microseconds. */
const SPINS = 2000;
/** How long a thread sleeps for it at the most, in ms, before it goes on with other work: the holder's death is noticed there. */
const PATIENCE = 20;

/**
 * The lock of a queue: a futex (U. Drepper, "Futexes Are Tricky") that names its holder. Nobody takes it from a thread that
 * lives; who has heard of a holder's death undoes what it had begun, and frees it.
 */
export function tryLock({ words }: Words, holder: number): boolean {
  const mine = holder * 2;
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(words, LOCK) === 0 && Atomics.compareExchange(words, LOCK, 0, mine) === 0) return true;
  }
  return false;
}

/** As `tryLock`, but sleeps for a while; only where a thread may. */
export function lockSoon(s: Words, holder: number): boolean {
  if (tryLock(s, holder)) return true;
  const { words } = s;
  // Others may be asleep as well: the one who frees it has to wake them.
  const mine = holder * 2 + 1;
  for (let slept = 0; slept < PATIENCE; slept++) {
    const found = Atomics.load(words, LOCK);
    if (found === 0) {
      if (Atomics.compareExchange(words, LOCK, 0, mine) === 0) return true;
    } else if ((found & 1) === 1 || Atomics.compareExchange(words, LOCK, found, found | 1) === found) Atomics.wait(words, LOCK, found | 1, 1);
  }
  return false;
}

/** Answers what to wait at for a change, or undefined if it is free. */
export function watchLock({ words }: Words): number | undefined {
  for (;;) {
    const found = Atomics.load(words, LOCK);
    if (found === 0) return undefined;
    if ((found & 1) === 1 || Atomics.compareExchange(words, LOCK, found, found | 1) === found) return found | 1;
  }
}

export function unlock({ words }: Words): void {
  if ((Atomics.exchange(words, LOCK, 0) & 1) === 1) Atomics.notify(words, LOCK);
}

/** This holder is dead: if it held the lock, what it had begun is undone, and the lock is free. */
export function recover(s: Words, holder: number): boolean {
  const held = Atomics.load(s.words, LOCK) >> 1 === holder;
  if (held) {
    s.rollback();
    Atomics.store(s.words, LOCK, 0);
  }
  // It may also have been woken to take it, and died before it did.
  Atomics.notify(s.words, LOCK);
  return held;
}
