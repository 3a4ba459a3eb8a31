import {
  CLOSED,
  CONSUMER,
  CONSUMERS,
  DRAINED_TOLD,
  E,
  ENDED,
  FLAGS,
  FREE,
  HOLDS,
  HUNGRY,
  IN_HAND,
  LEFT_END,
  NEXT_PLACE,
  OPEN_CONSUMERS,
  OPEN_PRODUCERS,
  PRODUCER,
  PRODUCERS,
  R,
  REACHED,
  SEEK_FIRST,
  SIZE,
  SLOT_WORDS,
  STUCK,
  slotAt,
  SYNC,
  TOP,
  WAITING,
} from './layout.js';
import type { Use } from './hands.js';
import { recallItems, ringHungry } from './items.js';
import { checkStuck, leaveLine, ringWatchers, serveSeekers, use } from './room.js';
import { isBefore, lengthOf, listOf } from './runs.js';
import { HOST, type Words } from './words.js';

export type Role = 'producer' | 'consumer';

/** By which the lock knows the host, and an endpoint: a slot can be another's while the one before still looks at it. */
export const HOST_HOLDER = 1;
export function holderOf(owner: number): number {
  return owner + HOST_HOLDER;
}

/** Opens an endpoint in a slot that is free. `owner` tells it from those that had the slot before, whose numbers were lower. */
export function open(s: Words, slot: number, role: Role, owner: number): void {
  const e = slotAt(slot);
  for (let i = 0; i < SLOT_WORDS; i++) if (i !== E.BELL && i !== E.HEARD) s.set(e + i, 0);
  s.set(e + E.ROLE, role === 'producer' ? PRODUCER : CONSUMER);
  s.set(e + E.OWNER, owner);
  s.set(e + E.SYNCED, s.get(SYNC));
  // It has put nothing: a place that is before all that anybody waits for.
  for (const end of [E.STORED_END, E.SYNCED_END]) s.set(e + end, (s.get(NEXT_PLACE) - 2 ** 30) | 0);
  if (slot >= s.get(TOP)) s.set(TOP, slot + 1);
  s.add(role === 'producer' ? PRODUCERS : CONSUMERS, 1);
  countOpen(s, role, 1);
  // It may have had something to say before.
  s.ring(slot);
}

/** A slot for workers that are restarted counts like an endpoint. */
export function countOpen(s: Words, role: Role, by: number): void {
  s.add(role === 'producer' ? OPEN_PRODUCERS : OPEN_CONSUMERS, by);
}

/** What an endpoint held when it was closed or lost. */
export interface Leaving {
  returned: number;
  /** Of these, those that user code may have seen. */
  inHand: number;
}

/**
 * An endpoint is closed, or its thread is gone: its room is free again, and what it had of items goes back: `back` takes each
 * run from it.
 */
export function leave(s: Words, slot: number, unknown: Use, now: number, back: (run: number, use: Use) => void): Leaving {
  const e = slotAt(slot);
  const left = { returned: 0, inHand: 0 };
  const role: Role = s.get(e + E.ROLE) === PRODUCER ? 'producer' : 'consumer';
  leaveLine(s, slot, now);
  use(s, slot, s.get(e + E.OUT));
  s.set(e + E.GRANTED, 0);
  s.set(e + E.PUTS, 0);
  checkStuckOf(s, e);
  s.commit();
  const list = listOf(slot);
  for (let run = s.get(list); run !== 0; run = s.get(list)) {
    const n = lengthOf(s, run);
    const reached = s.get(run + R.STATE) === REACHED;
    left.returned += n;
    if (reached || unknown === 'maybe') left.inHand += n;
    back(run, reached ? 'begun' : unknown);
    s.commit();
  }
  if (s.get(e + E.HUNGRY) !== 0) s.add(HUNGRY, -1);
  if (isBefore(s.get(LEFT_END), s.get(e + E.STORED_END))) s.set(LEFT_END, s.get(e + E.STORED_END));
  // Nobody waits for what it was to return.
  s.set(e + E.ROLE, FREE);
  ringWatchers(s);
  s.add(role === 'producer' ? PRODUCERS : CONSUMERS, -1);
  countOpen(s, role, -1);
  s.commit();
  return left;
}

function checkStuckOf(s: Words, e: number): void {
  if (s.get(e + E.STUCK) === 0) return;
  s.set(e + E.STUCK, 0);
  s.add(STUCK, -1);
}

export function isDrained(s: Words): boolean {
  return (s.get(FLAGS) & CLOSED) !== 0 && s.get(OPEN_PRODUCERS) === 0 && s.get(SIZE) === 0;
}

/** What follows from a step for others: who waits is served, as far as there is something. */
export function tend(s: Words, now: number): void {
  if (s.get(SEEK_FIRST) !== 0) serveSeekers(s, now);
  if (s.get(HUNGRY) > 0) {
    if (s.get(WAITING) > 0) ringHungry(s);
    else recallItems(s, false);
  }
  checkStuck(s);
  checkEnd(s);
}

function checkEnd(s: Words): void {
  const told = isDrained(s) ? s.get(IN_HAND) + s.get(HOLDS) + 1 : 0;
  if (told === s.get(DRAINED_TOLD)) return;
  s.set(DRAINED_TOLD, told);
  if (told === 0) return;
  // Iterations may have to end.
  for (let slot = 0; slot < s.get(TOP); slot++) if (s.get(slotAt(slot) + E.ROLE) === CONSUMER) s.ring(slot);
  if (told > 1 || s.get(HOLDS) > 0 || (s.get(FLAGS) & ENDED) !== 0) return;
  s.set(FLAGS, s.get(FLAGS) | ENDED);
  s.ring(HOST);
}

/** Everybody is to look. */
export function ringAll(s: Words): void {
  for (let slot = 0; slot < s.get(TOP); slot++) if (s.get(slotAt(slot) + E.ROLE) !== FREE) s.ring(slot);
  s.ring(HOST);
}
