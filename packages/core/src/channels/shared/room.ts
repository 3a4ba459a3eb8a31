import {
  CAPACITY,
  CONSUMER,
  CONSUMERS,
  E,
  FLAGS,
  GATED,
  OVERFLOW,
  PRODUCER,
  PRODUCERS,
  REFUSING,
  RESERVED,
  SEEK_FIRST,
  SEEK_LAST,
  SIZE,
  slotAt,
  STUCK,
  TOP,
  WAIT,
  WAITED,
} from './layout.js';
import type { Words } from './words.js';

/** Room that one producer may hold ahead of need, in items, at the most. */
const MOST_AHEAD = 1024;
/** Slots are counted from 0; in lines, from 1. */
const NONE = 0;

export function roomOf(s: Words): number {
  const capacity = s.get(CAPACITY);
  return capacity < 0 ? 2 ** 30 : capacity - s.get(SIZE) - s.get(RESERVED);
}

export function accepts(s: Words): boolean {
  return (s.get(FLAGS) & REFUSING) === 0;
}

/** How much room a producer may hold ahead of need. */
export function aheadOf(s: Words, slot: number): number {
  if (s.get(slotAt(slot) + E.ROLE) !== PRODUCER || s.get(OVERFLOW) !== WAIT || (s.get(FLAGS) & GATED) !== 0) return 0;
  return aheadIn(s.get(CAPACITY), s.get(PRODUCERS));
}

function aheadIn(capacity: number, producers: number): number {
  if (capacity < 0) return MOST_AHEAD;
  // Half stays for others, even if this one's thread is too busy to answer a recall.
  return Math.min(MOST_AHEAD, producers === 1 ? capacity : Math.floor(capacity / 2 / producers));
}

/** This many of the room that it was promised are used, or returned. */
export function use(s: Words, slot: number, items: number): void {
  s.add(slotAt(slot) + E.OUT, -items);
  s.add(RESERVED, -items);
}

export function reserve(s: Words, slot: number, items: number): void {
  use(s, slot, -items);
}

/** Its waiting puts have changed in number: it joins the line for room, or leaves it. */
export function wantRoom(s: Words, slot: number, puts: number, now: number): void {
  const e = slotAt(slot);
  s.set(e + E.PUTS, puts);
  s.set(e + E.UNSTICKING, 0);
  if (puts > 0 && accepts(s)) seek(s, slot, now);
  else leaveLine(s, slot, now);
  rankStuck(s, slot);
}

function seek(s: Words, slot: number, now: number): void {
  const e = slotAt(slot);
  if (s.get(e + E.SEEKS) !== 0) return;
  const last = s.get(SEEK_LAST);
  s.set(e + E.SEEKS, 1);
  s.set(e + E.SINCE, now);
  s.set(e + E.SEEK_BEFORE, last);
  s.set(e + E.SEEK_NEXT, NONE);
  s.set(last === NONE ? SEEK_FIRST : slotAt(last - 1) + E.SEEK_NEXT, slot + 1);
  s.set(SEEK_LAST, slot + 1);
}

export function leaveLine(s: Words, slot: number, now: number): void {
  const e = slotAt(slot);
  if (s.get(e + E.SEEKS) === 0) return;
  s.set(e + E.SEEKS, 0);
  s.count(WAITED, Math.max(0, now - s.get(e + E.SINCE)));
  const before = s.get(e + E.SEEK_BEFORE);
  const next = s.get(e + E.SEEK_NEXT);
  s.set(before === NONE ? SEEK_FIRST : slotAt(before - 1) + E.SEEK_NEXT, next);
  s.set(next === NONE ? SEEK_LAST : slotAt(next - 1) + E.SEEK_BEFORE, before);
}

function toBack(s: Words, slot: number, now: number): void {
  leaveLine(s, slot, now);
  seek(s, slot, now);
}

/** Room goes to those who wait for it, in the order in which they came; what they get beyond need saves them the next wait. */
export function serveSeekers(s: Words, now: number): void {
  for (let first = s.get(SEEK_FIRST); first !== NONE && accepts(s); first = s.get(SEEK_FIRST)) {
    const slot = first - 1;
    const e = slotAt(slot);
    const room = roomOf(s);
    const wants = Math.max(s.get(e + E.PUTS), aheadOf(s, slot)) - s.get(e + E.GRANTED);
    const n = Math.min(room, wants);
    if (n > 0) {
      reserve(s, slot, n);
      // What it was granted before it has not picked up yet: it has been rung for that.
      if (s.get(e + E.GRANTED) === 0) s.ring(slot);
      s.add(e + E.GRANTED, n);
    }
    if (n >= wants) leaveLine(s, slot, now);
    else {
      // To the back, for what is left: a long row of puts keeps nobody else waiting to its end.
      if (n > 0 && s.get(SEEK_LAST) !== first) toBack(s, slot, now);
      break;
    }
  }
  if (s.get(SEEK_FIRST) !== NONE && roomOf(s) <= 0) recallRoom(s);
}

/** What it was granted and has not been told of: answers how many items, and how many of its waiting puts that serves. */
export function pickUp(s: Words, slot: number, now: number): { items: number; answered: number } {
  const e = slotAt(slot);
  const items = s.get(e + E.GRANTED);
  if (items === 0) return { items, answered: 0 };
  const answered = Math.max(0, Math.min(s.get(e + E.PUTS), items));
  s.set(e + E.GRANTED, 0);
  s.add(e + E.PUTS, -answered);
  if (s.get(e + E.PUTS) <= 0) leaveLine(s, slot, now);
  rankStuck(s, slot);
  return { items, answered };
}

/** Whether `claim` may find anything: looks without the lock, at what others may be changing. */
export function mayClaim({ words }: Words, slot: number, again: boolean): boolean {
  if (Atomics.load(words, slotAt(slot) + E.GRANTED) > 0) return true;
  if (Atomics.load(words, SEEK_FIRST) !== NONE) return false;
  const capacity = Atomics.load(words, CAPACITY);
  const least = again ? portionOf(aheadIn(capacity, Atomics.load(words, PRODUCERS))) : 1;
  return capacity < 0 || capacity >= Atomics.load(words, SIZE) + Atomics.load(words, RESERVED) + least;
}

/** So much room is worth a step, to one that puts many items. */
function portionOf(ahead: number): number {
  return Math.max(1, Math.floor(ahead / 4));
}

/**
 * One that needs room gets it at once, unless others wait for it; and some ahead of need. `again`: but not a little. Answers for how
 * many items.
 */
export function claim(s: Words, slot: number, now: number, again: boolean): number {
  // Of puts that wait no more it has still to be told.
  if (s.get(slotAt(slot) + E.PUTS) > 0) return 0;
  const { items } = pickUp(s, slot, now);
  if (s.get(SEEK_FIRST) !== NONE || !accepts(s)) return items;
  const ahead = aheadOf(s, slot);
  const n = Math.min(roomOf(s), Math.max(1 - items, ahead - s.get(slotAt(slot) + E.OUT)));
  if (n < (again ? portionOf(ahead) : 1)) return items;
  reserve(s, slot, n);
  return items + n;
}

/** Nobody waits: it gets room ahead of need, in portions that are worth it. */
export function topUp(s: Words, slot: number): void {
  const target = aheadOf(s, slot);
  const out = s.get(slotAt(slot) + E.OUT);
  if (target === 0 || out * 2 > target || s.get(SEEK_FIRST) !== NONE) return;
  const n = Math.min(target - out, roomOf(s));
  if (n < portionOf(target)) return;
  reserve(s, slot, n);
  s.add(slotAt(slot) + E.GRANTED, n);
}

/** Asks those who hold room that they do not use to return it; answers whether anybody is asked. */
export function recallRoom(s: Words): boolean {
  let asked = false;
  for (let slot = 0; slot < s.get(TOP); slot++) {
    const e = slotAt(slot);
    // While it waits it has nothing unused: what it was promised is on its way there.
    if (s.get(e + E.ROLE) !== PRODUCER || s.get(e + E.OUT) <= 0 || s.get(e + E.PUTS) > 0) continue;
    asked = true;
    if (s.get(e + E.ROOM_RECALL) !== 0) continue;
    s.set(e + E.ROOM_RECALL, 1);
    s.ring(slot);
  }
  return asked;
}

/** Whoever waits for others to return something is to look again. */
export function ringWatchers(s: Words): void {
  for (let slot = 0; slot < s.get(TOP); slot++) if (s.get(slotAt(slot) + E.WATCHES) !== 0) s.ring(slot);
}

/** Keeps count of the consumers of which a delivery waits to put. */
export function rankStuck(s: Words, slot: number): void {
  const e = slotAt(slot);
  if (s.get(e + E.ROLE) !== CONSUMER) return;
  const stuck = s.get(e + E.PUTS) > 0 ? 1 : 0;
  const was = s.get(e + E.STUCK);
  if (stuck === was) return;
  s.set(e + E.STUCK, stuck);
  s.add(STUCK, stuck - was);
}

/** When every consumer waits to put into its own full queue, nobody can make room: one of them is told. */
export function checkStuck(s: Words): void {
  if (s.get(STUCK) === 0 || s.get(STUCK) < s.get(CONSUMERS) || roomOf(s) + s.get(RESERVED) > 0) return;
  let last = -1;
  for (let slot = 0; slot < s.get(TOP); slot++) {
    const e = slotAt(slot);
    if (s.get(e + E.ROLE) !== CONSUMER || s.get(e + E.STUCK) === 0) continue;
    if (s.get(e + E.UNSTICKING) !== 0) return;
    last = slot;
  }
  if (last < 0) return;
  s.set(slotAt(last) + E.UNSTICKING, 1);
  s.ring(last);
}
