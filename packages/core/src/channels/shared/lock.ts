import { LOCK, LOCK_NAME } from './layout.js';
import type { Words } from './words.js';

/** How often it is tried before this thread sleeps: a step takes some microseconds. */
const SPINS = 2000;
/** How long a thread sleeps for it at the most, in ms, before it goes on with other work: the holder's death is noticed there. */
const PATIENCE = 20;
/** Marks of a lock that is held: a thread sleeps for it, and by itself looks again soon; or it is told of it by a promise. */
export const SLEEPS = 1;
const WATCHES = 2;

/**
 * The lock of a queue: a futex (U. Drepper, "Futexes Are Tricky") that names its holder. Nobody takes it from a thread that
 * lives; who has heard of a holder's death undoes what it had begun, and frees it. Whoever was woken for it takes it with the
 * mark that others may sleep.
 */
export function tryLock({ words }: Words, holder: number, mark = 0): boolean {
  const mine = (holder << LOCK_NAME) | mark;
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(words, LOCK) === 0 && Atomics.compareExchange(words, LOCK, 0, mine) === 0) return true;
  }
  return false;
}

/** As `tryLock`, but sleeps for a while; only where a thread may. */
export function lockSoon(s: Words, holder: number): boolean {
  if (tryLock(s, holder)) return true;
  const { words } = s;
  // Others may be asleep as well: the one who frees it has to wake the next.
  const mine = (holder << LOCK_NAME) | SLEEPS;
  for (let slept = 0; slept < PATIENCE; slept++) {
    const found = Atomics.load(words, LOCK);
    if (found === 0) {
      if (Atomics.compareExchange(words, LOCK, 0, mine) === 0) return true;
    } else if ((found & SLEEPS) !== 0 || Atomics.compareExchange(words, LOCK, found, found | SLEEPS) === found) Atomics.wait(words, LOCK, found | SLEEPS, 1);
  }
  return false;
}

/** Answers what to wait at for a change, or undefined if it is free. */
export function watchLock({ words }: Words): number | undefined {
  for (;;) {
    const found = Atomics.load(words, LOCK);
    if (found === 0) return undefined;
    if ((found & WATCHES) !== 0 || Atomics.compareExchange(words, LOCK, found, found | WATCHES) === found) return found | WATCHES;
  }
}

/** Of those who sleep one is enough, and it wakes the next: all of them would only sleep again. */
export function unlock({ words }: Words): void {
  const waits = Atomics.exchange(words, LOCK, 0) & (SLEEPS | WATCHES);
  if (waits !== 0) Atomics.notify(words, LOCK, waits === SLEEPS ? 1 : Infinity);
}

/** This holder is dead: if it held the lock, what it had begun is undone, and the lock is free. */
export function recover(s: Words, holder: number): boolean {
  const held = Atomics.load(s.words, LOCK) >> LOCK_NAME === holder;
  if (held) {
    s.rollback();
    Atomics.store(s.words, LOCK, 0);
  }
  // It may also have been woken to take it, and died before it did.
  Atomics.notify(s.words, LOCK);
  return held;
}
