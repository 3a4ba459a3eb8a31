import {
  ACKED,
  AT_HOME,
  CLEARED,
  DROPPED,
  E,
  FETCHED,
  FLAGS,
  HELD,
  IN_HAND,
  ON_TAKE,
  R,
  REACHED,
  REDELIVERED,
  SENT,
  SIZE,
  slotAt,
  TAKEN,
} from './layout.js';
import { finish, isBefore, join, lengthOf, listOf, outdatedOf, placeOf, remove, split, unlink } from './runs.js';
import { putBack } from './items.js';
import type { Words } from './words.js';

/** How an item comes back: user code has seen it, may have, or has not. */
export type Use = 'begun' | 'maybe' | 'unbegun';

/** Calls back for each run of the part that lies within the range, cut to it; its state is one of those named. */
function each(s: Words, slot: number, part: number, from: number, to: number, first: number, last: number, visit: (run: number) => void): void {
  const list = listOf(slot);
  let next: number;
  for (let run = s.get(list); run !== 0; run = next) {
    next = s.get(run + R.NEXT);
    const id = s.get(run + R.PART);
    if (id > part) return;
    if (id < part) continue;
    const state = s.get(run + R.STATE);
    if (state < first || state > last) continue;
    const base = s.get(run + R.BASE);
    const a = Math.max(from + base, s.get(run + R.FROM));
    const b = Math.min(to + base, s.get(run + R.TO));
    if (a >= b) continue;
    let mine = run;
    if (a > s.get(run + R.FROM)) mine = split(s, list, run, a);
    if (b < s.get(mine + R.TO)) split(s, list, mine, b);
    next = s.get(mine + R.NEXT);
    visit(mine);
  }
}

/** Items before this place of a part are begun: surely in user code's hands (`reached`), or perhaps. */
export function begin(s: Words, slot: number, part: number, upTo: number, reached: boolean): void {
  const e = slotAt(slot);
  if (reached)
    each(s, slot, part, 0, upTo, SENT, SENT, (run) => {
      s.set(run + R.STATE, REACHED);
      join(s, listOf(slot), run);
    });
  each(s, slot, part, 0, upTo, FETCHED, FETCHED, (run) => {
    const n = lengthOf(s, run);
    s.set(run + R.STATE, reached ? REACHED : SENT);
    s.add(e + E.FETCHED, -n);
    s.add(e + E.IN_HAND, n);
    s.add(IN_HAND, n);
    s.add(SIZE, -n);
    s.count(TAKEN, n);
    if (s.get(run + R.ATTEMPT) > 1) s.count(REDELIVERED, n);
    if (s.get(run + R.ALONE) === 2) s.set(e + E.ALONE, 0);
    const last = (placeOf(s, run) + n - 1) | 0;
    if (s.get(e + E.HAS_BEGUN) === 0 || isBefore(s.get(e + E.BEGUN), last)) {
      s.set(e + E.BEGUN, last);
      s.set(e + E.HAS_BEGUN, 1);
    }
    join(s, listOf(slot), run);
  });
}

/** Something there holds these back from user code, or does so no more. */
export function hold(s: Words, slot: number, part: number, from: number, to: number, held: boolean): void {
  const was = held ? REACHED : HELD;
  each(s, slot, part, from, to, was, was, (run) => {
    s.set(run + R.STATE, held ? HELD : REACHED);
  });
}

export function ack(s: Words, slot: number, part: number, from: number, to: number): void {
  each(s, slot, part, from, to, SENT, HELD, (run) => {
    s.count(ACKED, lengthOf(s, run));
    end(s, slot, run);
  });
}

/** An item in hand, by its part and its number in that; 0 if it is not there. */
export function findInHand(s: Words, slot: number, part: number, index: number): number {
  let found = 0;
  each(s, slot, part, index, index + 1, SENT, HELD, (run) => {
    found = run;
  });
  return found;
}

/** It leaves its consumer, which had it fetched or in hand. */
function leave(s: Words, slot: number, run: number): void {
  const e = slotAt(slot);
  const n = lengthOf(s, run);
  if (s.get(run + R.STATE) === FETCHED) {
    s.add(e + E.FETCHED, -n);
    s.add(SIZE, -n);
  } else {
    s.add(e + E.IN_HAND, -n);
    s.add(IN_HAND, -n);
  }
  if (s.get(run + R.ALONE) === 2) {
    s.add(e + E.LONE, -1);
    s.set(e + E.ALONE, 0);
    s.set(run + R.ALONE, 0);
  }
}

/** All of a run's items are done with. */
export function end(s: Words, slot: number, run: number): void {
  leave(s, slot, run);
  finish(s, run);
  remove(s, listOf(slot), run);
}

/**
 * A run comes back from a consumer: to where it was in the order, or it ends here, since it is outdated or was to be delivered
 * once. `maxDeliveries` is that of the queue, negative for none; answers the run if its items are to become dead letters
 * instead, which it leaves to its caller: nothing was changed then but its count of deliveries.
 */
export function takeBack(s: Words, slot: number, run: number, use: Use, maxDeliveries: number): number {
  const list = listOf(slot);
  const n = lengthOf(s, run);
  const old = outdatedOf(s, run);
  if (old > 0 && old < n) {
    const rest = split(s, list, run, s.get(run + R.FROM) + old);
    takeBack(s, slot, run, use, maxDeliveries);
    return takeBack(s, slot, rest, use, maxDeliveries);
  }
  const inHand = s.get(run + R.STATE) !== FETCHED;
  if (inHand && use === 'begun') s.add(run + R.BEGUN, 1);
  if (inHand && use === 'unbegun') {
    s.count(TAKEN, -n);
    if (s.get(run + R.ATTEMPT) > 1) s.count(REDELIVERED, -n);
  }
  if (old === n || (use !== 'unbegun' && (s.get(FLAGS) & ON_TAKE) !== 0)) {
    s.count(old === n ? CLEARED : DROPPED, n);
    end(s, slot, run);
    return 0;
  }
  if (use === 'begun' && maxDeliveries >= 0 && s.get(run + R.BEGUN) >= maxDeliveries) return run;
  leave(s, slot, run);
  unlink(s, list, run);
  s.add(SIZE, n);
  if (use !== 'unbegun') s.add(run + R.ATTEMPT, 1);
  if (use === 'maybe') s.set(run + R.ALONE, 1);
  s.set(run + R.PART, 0);
  s.set(run + R.STATE, AT_HOME);
  putBack(s, run);
  return 0;
}

/** Ranges of a part that were not begun come back. */
export function takeBackRange(s: Words, slot: number, part: number, from: number, to: number): void {
  const runs: number[] = [];
  each(s, slot, part, from, to, FETCHED, HELD, (run) => runs.push(run));
  for (const run of runs) takeBack(s, slot, run, 'unbegun', -1);
}

/** What it has fetched and not begun, and is from before a clear, ends here. */
export function dropOutdated(s: Words, slot: number): void {
  const list = listOf(slot);
  let next: number;
  for (let run = s.get(list); run !== 0; run = next) {
    next = s.get(run + R.NEXT);
    const old = s.get(run + R.STATE) === FETCHED ? outdatedOf(s, run) : 0;
    if (old === 0) continue;
    if (old < lengthOf(s, run)) split(s, list, run, s.get(run + R.FROM) + old);
    s.count(CLEARED, old);
    end(s, slot, run);
    s.commit();
  }
}

/** The place of the latest item that it has begun, or still may begin, is what later ones are told from. */
export function findLatest(s: Words, slot: number): void {
  const e = slotAt(slot);
  let has = s.get(e + E.HAS_BEGUN);
  let latest = s.get(e + E.BEGUN);
  for (let run = s.get(listOf(slot)); run !== 0; run = s.get(run + R.NEXT)) {
    if (s.get(run + R.STATE) !== FETCHED) continue;
    const last = (placeOf(s, run) + lengthOf(s, run) - 1) | 0;
    if (has === 0 || isBefore(latest, last)) latest = last;
    has = 1;
  }
  s.set(e + E.LATEST, latest);
  s.set(e + E.HAS_LATEST, has);
}
