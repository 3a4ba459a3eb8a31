import { Judge, type Place } from './judge.ts';
import { Found } from './machine.ts';
import { BY_HOST } from './program.ts';
import type { Scenario } from './run.ts';
import type { Shared, Words } from './shared.ts';

/** How far the threads have come. */
export interface Standing {
  readonly killed: readonly number[];
  /** All of the producer's items are put. */
  isDone(slot: number): boolean;
  isClosed(slot: number): boolean;
  /** How many of its clears the host knows to be done. */
  cleared(): number;
}

/** What was put and taken in one run, and what has to be true of that. */
export class Ledger {
  private readonly scenario: Scenario;
  private readonly shared: Shared;
  private readonly s: Words;
  private readonly standing: Standing;
  private readonly judge: Judge;
  private readonly started = new Set<number>();
  private readonly appeared = new Set<number>();
  private readonly gone = new Set<number>();
  private readonly acking = new Set<number>();
  private readonly seen = new Map<string, number>();
  private readonly showed = new Set<number>();
  private readonly kept = new Map<number, readonly number[]>();
  private cleared = 0;

  constructor(scenario: Scenario, shared: Shared, s: Words, standing: Standing) {
    this.scenario = scenario;
    this.shared = shared;
    this.s = s;
    this.standing = standing;
    this.judge = new Judge(shared, s, (block, index) => this.valueOf(block, index));
  }

  // --- what is told -------------------------------------------------------------------------------------------------

  /** The host is sent values to keep. */
  keeps(key: number, values: readonly number[]): void {
    this.kept.set(key, values);
  }

  starts(item: number): void {
    this.started.add(item);
  }

  shown(slot: number, item: number, attempt: number): void {
    if (!this.appeared.has(item))
      throw new Found(`Slot ${String(slot)} was shown item ${String(item)}, which was not put`);
    if (this.gone.has(item))
      throw new Found(`Slot ${String(slot)} was shown item ${String(item)}, which was done with`);
    if (attempt === 1 && this.showed.has(item))
      throw new Found(`Item ${String(item)} was shown again as if it were new`);
    this.showed.add(item);
    const from = `${String(slot)} ${String(producerOf(item))}`;
    const before = this.seen.get(from) ?? -1;
    const number = numberOf(item);
    if (attempt === 1 && number <= before)
      throw new Found(`Slot ${String(slot)} got item ${String(item)} behind ${String(before)}`);
    this.seen.set(from, Math.max(before, number));
  }

  acks(item: number): void {
    this.acking.add(item);
  }

  clears(): void {
    this.cleared++;
  }

  // --- what has to be true ------------------------------------------------------------------------------------------

  /** The lock has just become free. */
  check(): void {
    const { words } = this.s;
    const { shared } = this;
    this.compare(
      this.judge.look(
        this.standing.killed.every((slot) => words[this.slotWord(slot, 'ROLE')] === shared.FREE),
      ),
    );
    if (this.cleared > 0) return;
    if (words[shared.ACKED] !== this.gone.size)
      throw new Found(
        `${String(words[shared.ACKED])} items were counted as acked, and ${String(this.gone.size)} are`,
      );
    for (const [i, { items }] of this.scenario.producers.entries()) {
      if (words[this.slotWord(i, 'ROLE')] !== shared.PRODUCER) continue;
      const arrived = words[this.slotWord(i, 'SEEN')]!;
      for (const item of items.slice(0, arrived))
        if (!this.appeared.has(item))
          throw new Found(`Item ${String(item)} was put completely, and was never there`);
    }
  }

  /** Nobody has anything to do, and nobody has been told to close. */
  checkRest(): void {
    this.checkFree();
    if (!this.hasTakers()) return;
    for (const slot of this.scenario.producers.keys())
      if (this.isAlive(slot) && !this.standing.isDone(slot))
        throw new Found(`Slot ${String(slot)} waits for room for ever`);
    this.checkSettled();
  }

  /** Nobody has anything to do, and the queue and its producers were closed. */
  checkEnd(): void {
    this.checkFree();
    const { words, pages } = this.s;
    const { shared } = this;
    if (!this.hasTakers()) return;
    this.checkSettled();
    const endpoints = this.scenario.producers.length + this.scenario.consumers.length;
    for (let slot = 0; slot < endpoints; slot++)
      if (this.isAlive(slot) && !this.standing.isClosed(slot))
        throw new Found(`Slot ${String(slot)} never learns that the queue is drained`);
    if ((words[shared.FLAGS]! & shared.ENDED) === 0) throw new Found('The queue does not end');
    if (words[shared.FREE_PAGES] !== pages) throw new Found('Pages are lost');
  }

  /** Nobody has anything to do, and somebody waits for the lock; all deaths were heard of. */
  checkWoken(): void {
    if (this.s.words[this.shared.LOCK] === 0)
      throw new Found('The lock is free, and nobody woke those who wait for it');
  }

  private checkFree(): void {
    if (this.s.words[this.shared.LOCK] !== 0)
      throw new Found('Everybody rests, and the lock is taken');
  }

  private checkSettled(): void {
    for (const item of this.started) {
      if (this.gone.has(item) || !this.isAlive(producerOf(item))) continue;
      if (!this.appeared.has(item) && this.cleared > 0) continue;
      throw new Found(`Item ${String(item)} waits for ever`);
    }
    for (const item of this.appeared)
      if (!this.gone.has(item)) throw new Found(`Item ${String(item)} waits for ever`);
    if (this.standing.cleared() !== this.cleared) throw new Found('A clear waits for ever');
  }

  private compare(there: readonly Place[]): void {
    const now = new Set<number>();
    for (const { item } of there) {
      if (now.has(item)) throw new Found(`Item ${String(item)} is there twice`);
      now.add(item);
      if (!this.started.has(item))
        throw new Found(`Item ${String(item)} is there, and nobody put it`);
      if (this.gone.has(item)) throw new Found(`Item ${String(item)} is back, and was done with`);
      this.appeared.add(item);
    }
    for (const item of this.appeared) {
      if (now.has(item) || this.gone.has(item)) continue;
      if (!this.acking.has(item) && this.cleared === 0)
        throw new Found(`Item ${String(item)} is lost`);
      this.gone.add(item);
    }
  }

  private hasTakers(): boolean {
    return this.scenario.consumers.some((_, i) => this.isAlive(this.scenario.producers.length + i));
  }

  private isAlive(slot: number): boolean {
    return !this.standing.killed.includes(slot);
  }

  private slotWord(slot: number, field: keyof Shared['E']): number {
    return this.shared.SLOTS_AT + slot * this.shared.SLOT_WORDS + this.shared.E[field];
  }

  private valueOf(block: number, index: number): number {
    const { words, bytes } = this.s;
    const { B } = this.shared;
    if (words[block + B.BYTES] === 0) return this.kept.get(words[block + B.KEY]!)?.[index] ?? -1;
    return bytes[words[block + B.AT]! * 4 + index]!;
  }
}

/** Items say who put them: so many for each. */
const MOST_ITEMS = 16;
function producerOf(item: number): number {
  return Math.floor(numberOf(item) / MOST_ITEMS);
}

/** The same for an item whose value the host keeps. */
function numberOf(item: number): number {
  return item >= BY_HOST ? item - BY_HOST : item;
}
