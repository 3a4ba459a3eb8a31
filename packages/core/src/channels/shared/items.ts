import type { PutAnswer } from '../../transport/backend.js';
import { giveBlock, take, takeForBytes } from './heap.js';
import {
  AT_HOME,
  B,
  CLEARED,
  CONSUMER,
  CONSUMERS,
  DROP_OLDEST,
  DROPPED,
  E,
  EPOCH,
  FENCE,
  FETCHED,
  FREE_PAGES,
  HUNGRY,
  KEPT,
  MOST_ITEMS,
  NEXT_PLACE,
  NEXT_SLOT,
  OPEN_ITEMS,
  OVERFLOW,
  PUT,
  R,
  REFUSED,
  SIZE,
  slotAt,
  TOP,
  WAIT,
  WAITING,
} from './layout.js';
import { append, AT_HOME_LIST, finish, insert, isBefore, lengthOf, listOf, NoMemory, outdatedOf, placeOf, remove, split, unlink } from './runs.js';
import { accepts, roomOf } from './room.js';
import type { Words } from './words.js';

/** Items that are taken ahead of need, where there are as many. */
const PORTION = 32;
/** Of what waits, one who uses items fast takes so many at once: others would be woken for what is used up by then. */
const FAST_PORTION = 4 * PORTION;
const BLOCK = 256;

/** A block's values: its bytes, or the name by which the host knows them. */
export type Body = Uint8Array | number;

/**
 * Stores a block behind all others. There is room for it, or it may exceed the bound, having been promised room before.
 * Throws `NoMemory`.
 */
export function store(s: Words, body: Body, count: number, letter = false): void {
  if (!recordsFor(s, count, letter)) throw new NoMemory();
  const block = take(s, 1);
  const run = block === 0 ? 0 : take(s, 1);
  const bytes = typeof body === 'number' ? 0 : body.length;
  const at = bytes === 0 || run === 0 ? 0 : takeForBytes(s, bytes);
  if (run === 0 || (bytes > 0 && at === 0)) throw new NoMemory();
  s.set(block + B.PLACE, s.get(NEXT_PLACE));
  s.set(block + B.COUNT, count);
  s.set(block + B.OPEN, count);
  s.set(block + B.AT, at);
  s.set(block + B.BYTES, bytes);
  s.set(block + B.KEY, typeof body === 'number' ? body : 0);
  if (typeof body !== 'number') s.bytes.set(body, at * 4);
  s.set(NEXT_PLACE, (s.get(NEXT_PLACE) + count) | 0);
  for (let i = 0; i <= R.BASE; i++) s.set(run + i, 0);
  s.set(run + R.BLOCK, block);
  s.set(run + R.TO, count);
  s.set(run + R.STATE, AT_HOME);
  s.set(run + R.ATTEMPT, 1);
  append(s, AT_HOME_LIST, run);
  s.add(WAITING, count);
  s.add(SIZE, count);
  s.add(OPEN_ITEMS, count);
  s.count(PUT, count);
}

/** A letter comes in again, first in a step. Answers whether there was room for its bytes. */
export function storeLetter(s: Words, bytes: Uint8Array): boolean {
  try {
    store(s, bytes, 1, true);
    return true;
  } catch (error) {
    if (!(error instanceof NoMemory)) throw error;
    s.rollback();
    return false;
  }
}

/**
 * Whether each of these items could still have a run of its own: settling may cut a run, and is not to fail. Letters that
 * are put back were open items before, and their pages are kept.
 */
function recordsFor(s: Words, count: number, letter: boolean): boolean {
  const most = s.get(MOST_ITEMS);
  if (most > 0) return letter || s.get(OPEN_ITEMS) + count <= most;
  return s.get(FREE_PAGES) > s.get(KEPT) >> 1;
}

/** It came too late: the queue was cleared since. */
export function passBy(s: Words, count: number): void {
  s.count(PUT, count);
  s.count(CLEARED, count);
}

/** A run of items goes back to where it was in the order. It is in no list. */
export function putBack(s: Words, run: number): void {
  const place = placeOf(s, run);
  let before = 0;
  for (let next = s.get(AT_HOME_LIST); next !== 0 && isBefore(placeOf(s, next), place); next = s.get(next + R.NEXT)) before = next;
  s.set(run + R.STATE, AT_HOME);
  insert(s, AT_HOME_LIST, run, before);
  s.add(WAITING, lengthOf(s, run));
}

/** What waits and is from before a clear ends here: as many runs as one step may change. Answers whether that was all. */
export function discardOutdated(s: Words): boolean {
  for (let runs = 0; runs < 16; runs++) {
    const run = s.get(AT_HOME_LIST);
    const n = run === 0 ? 0 : outdatedOf(s, run);
    if (n === 0) return true;
    discard(s, run, n, CLEARED);
  }
  return false;
}

/** The first `n` items of this run, the first of those that wait, end here. */
function discard(s: Words, run: number, n: number, count: number): void {
  if (n < lengthOf(s, run)) split(s, AT_HOME_LIST, run, s.get(run + R.FROM) + n);
  s.add(WAITING, -n);
  s.add(SIZE, -n);
  s.count(count, n);
  finish(s, run);
  remove(s, AT_HOME_LIST, run);
}

/** One item of a lossy or gated queue: what becomes of it is decided here. Throws `NoMemory`. */
export function putByRule(s: Words, body: Body): PutAnswer {
  if (!accepts(s)) {
    s.count(REFUSED, 1);
    return 'refused';
  }
  if (s.get(OVERFLOW) !== WAIT && roomOf(s) <= 0) {
    const run = s.get(AT_HOME_LIST);
    if (s.get(OVERFLOW) !== DROP_OLDEST || run === 0) {
      s.count(DROPPED, 1);
      return 'dropped';
    }
    discard(s, run, 1, DROPPED);
  }
  store(s, body, 1);
  return 'accepted';
}

// --- taking -----------------------------------------------------------------------------------------------------------

/** What a consumer was sent: a part of a block. */
export interface Part {
  readonly id: number;
  readonly block: number;
  readonly from: number;
  readonly count: number;
  readonly attempt: number;
  readonly alone: boolean;
  readonly epoch: number;
  readonly fence: number;
}

/** How many of the items that wait are the share of a consumer that has asked for some: those who wait get equal ones, or portions. */
export function shareOf(s: Words, waits: boolean, asked: number): number {
  const equal = Math.ceil(s.get(WAITING) / Math.max(1, s.get(waits ? HUNGRY : CONSUMERS)));
  return Math.max(equal, waits ? portionOf(asked) : PORTION);
}

/** Nobody asks for many who has not used as many in a turn before. */
function portionOf(asked: number): number {
  return asked < PORTION ? 1 : Math.min(asked, FAST_PORTION);
}

/** Sends up to `most` of what waits to a consumer. */
export function sendPart(s: Words, slot: number, most: number): Part | undefined {
  while (!discardOutdated(s)) s.commit();
  const run = s.get(AT_HOME_LIST);
  if (run === 0) return undefined;
  const e = slotAt(slot);
  const place = placeOf(s, run);
  let count = Math.min(most, BLOCK, lengthOf(s, run));
  const alone = s.get(run + R.ALONE) === 1;
  if (alone) count = 1;
  // Later ones came before it: whoever gets it is told so.
  const before = s.get(e + E.HAS_LATEST) === 0 ? 0 : Math.max(0, (s.get(e + E.LATEST) + 1 - place) | 0);
  if (before > 0) count = Math.min(count, before);
  const from = s.get(run + R.FROM);
  if (count < lengthOf(s, run)) split(s, AT_HOME_LIST, run, from + count);
  unlink(s, AT_HOME_LIST, run);
  s.add(WAITING, -count);
  if (before > 0 && s.get(run + R.ATTEMPT) === 1) s.set(run + R.ATTEMPT, 2);
  if (before === 0) {
    s.set(e + E.LATEST, (place + count - 1) | 0);
    s.set(e + E.HAS_LATEST, 1);
  }
  const id = s.get(e + E.PART) + 1;
  s.set(e + E.PART, id);
  s.set(run + R.STATE, FETCHED);
  s.set(run + R.PART, id);
  s.set(run + R.BASE, from);
  if (alone) {
    s.set(run + R.ALONE, 2);
    s.set(e + E.ALONE, 1);
    s.add(e + E.LONE, 1);
  }
  append(s, listOf(slot), run);
  s.add(e + E.FETCHED, count);
  s.count(FENCE, 1);
  return { id, block: s.get(run + R.BLOCK), from, count, attempt: s.get(run + R.ATTEMPT), alone, epoch: s.get(EPOCH), fence: s.counted(FENCE) };
}

/** Those who wait for items hear that there are some: no more of them than have use for these. */
export function ringHungry(s: Words): void {
  let items = s.get(WAITING);
  let hungry = s.get(HUNGRY);
  const top = s.get(TOP);
  if (items === 0 || hungry === 0) return;
  let slot = s.get(NEXT_SLOT);
  for (let i = 0; i < top && items > 0 && hungry > 0; i++, slot++) {
    if (slot >= top) slot = 0;
    const e = slotAt(slot);
    const appetite = s.get(e + E.HUNGRY);
    if (s.get(e + E.ROLE) !== CONSUMER || appetite === 0) continue;
    hungry--;
    items -= portionOf(appetite);
    if (s.get(e + E.RUNG) !== 0) continue;
    s.set(e + E.RUNG, 1);
    s.ring(slot);
    s.set(NEXT_SLOT, slot + 1);
  }
}

/** Somebody waits and nothing is there: those who hold what they have not begun are to return it. Answers whether anybody is asked. */
export function recallItems(s: Words, waitingToo: boolean): boolean {
  let asked = false;
  for (let slot = 0; slot < s.get(TOP); slot++) {
    const e = slotAt(slot);
    if (s.get(e + E.ROLE) !== CONSUMER || s.get(e + E.FETCHED) - s.get(e + E.EXPECTED) <= 0) continue;
    if (!waitingToo && s.get(e + E.HUNGRY) !== 0) continue;
    asked = true;
    if (s.get(e + E.ITEM_RECALL) !== 0) continue;
    s.set(e + E.ITEM_RECALL, 1);
    s.ring(slot);
  }
  return asked;
}

/** The host has forgotten the values of a block that it kept. */
export function forgetBlock(s: Words, block: number): void {
  giveBlock(s, block);
}
