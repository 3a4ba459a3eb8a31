import { give as givePages, giveBlock, take as takePages } from './heap.js';
import { B, E, EPOCH_START, FIRST, FREED, HOST_COUNTS, OPEN_ITEMS, R, SHORT, slotAt, TOP } from './layout.js';
import { HOST, type Words } from './words.js';

/** Thrown where memory is short: what was begun is to be undone. */
export class NoMemory extends Error {}

/** Where the list of what waits keeps its first run; the last is in the next word. So it is with each consumer's. */
export const AT_HOME_LIST = FIRST;
export function listOf(slot: number): number {
  return slotAt(slot) + E.FIRST;
}

/** The place in the order of a run's first item. */
export function placeOf(s: Words, run: number): number {
  return (s.get(s.get(run + R.BLOCK) + B.PLACE) + s.get(run + R.FROM)) | 0;
}

export function lengthOf(s: Words, run: number): number {
  return s.get(run + R.TO) - s.get(run + R.FROM);
}

/** Whether a place is before another: they go round. */
export function isBefore(place: number, other: number): boolean {
  return ((place - other) | 0) < 0;
}

/** How many of a run's items are from before the latest clear. */
export function outdatedOf(s: Words, run: number): number {
  return Math.max(0, Math.min(lengthOf(s, run), (s.get(EPOCH_START) - placeOf(s, run)) | 0));
}


/** Puts a run behind another of a list; 0: to its front. */
export function insert(s: Words, list: number, run: number, before: number): void {
  const next = before === 0 ? s.get(list) : s.get(before + R.NEXT);
  s.set(run + R.BEFORE, before);
  s.set(run + R.NEXT, next);
  s.set(before === 0 ? list : before + R.NEXT, run);
  s.set(next === 0 ? list + 1 : next + R.BEFORE, run);
}

export function append(s: Words, list: number, run: number): void {
  insert(s, list, run, s.get(list + 1));
}

export function unlink(s: Words, list: number, run: number): void {
  const before = s.get(run + R.BEFORE);
  const next = s.get(run + R.NEXT);
  s.set(before === 0 ? list : before + R.NEXT, next);
  s.set(next === 0 ? list + 1 : next + R.BEFORE, before);
}

export function remove(s: Words, list: number, run: number): void {
  unlink(s, list, run);
  givePages(s, run, 1);
}

/** Cuts a run: what is from this place of its block on is the next one. Answers that. */
export function split(s: Words, list: number, run: number, at: number): number {
  const rest = takePages(s, 1);
  if (rest === 0) throw new NoMemory();
  for (let i: number = R.BLOCK; i <= R.BASE; i++) s.set(rest + i, s.get(run + i));
  s.set(rest + R.FROM, at);
  s.set(run + R.TO, at);
  insert(s, list, rest, run);
  return rest;
}

/** Makes one of this run and the one before it, if they are alike. */
export function join(s: Words, list: number, run: number): void {
  const before = s.get(run + R.BEFORE);
  if (before === 0 || s.get(before + R.TO) !== s.get(run + R.FROM)) return;
  for (const field of ALIKE) if (s.get(before + field) !== s.get(run + field)) return;
  s.set(before + R.TO, s.get(run + R.TO));
  remove(s, list, run);
}

const ALIKE = [R.BLOCK, R.STATE, R.ATTEMPT, R.BEGUN, R.ALONE, R.PART] as const;

/** All of a run's items have reached the end of their lives; the run is in no list any more, or is about to leave it. */
export function finish(s: Words, run: number): void {
  const block = s.get(run + R.BLOCK);
  const open = s.get(block + B.OPEN) - lengthOf(s, run);
  s.set(block + B.OPEN, open);
  s.add(OPEN_ITEMS, -lengthOf(s, run));
  if (s.get(SHORT) !== 0) ringShort(s);
  if (s.get(HOST_COUNTS) !== 0) s.ring(HOST);
  if (open > 0) return;
  if (s.get(block + B.BYTES) === 0) {
    // The host has to forget its values first.
    s.set(block + B.NEXT, s.get(FREED));
    s.set(FREED, block);
    s.ring(HOST);
  } else giveBlock(s, block);
}

/** There is memory again. */
export function ringShort(s: Words): void {
  for (let slot = 0; slot < s.get(TOP); slot++) {
    if (s.get(slotAt(slot) + E.SHORT) === 0) continue;
    s.set(slotAt(slot) + E.SHORT, 0);
    s.ring(slot);
  }
  s.set(SHORT, 0);
}
