import type { ItemHeaders, Taken, TakenRun } from '../../transport/backend.js';
import { Ring } from '../../transport/memory/ring.js';
import { transferablesOf } from '../values/survey.js';
import type { ArrivedBlock, ArrivedValues } from './form.js';

/** A block of items at its consumer. */
export class FetchedBlock {
  readonly id: number;
  readonly values: ArrivedValues;
  readonly moved: readonly number[];
  readonly alone: boolean;
  readonly fence: number | undefined;
  /** Items before this place have been begun; those from `end` on were given back. */
  next = 0;
  end: number;
  /** Up to where its home knows that items were begun. */
  reported = 0;
  readonly lease: { readonly lost: boolean };
  private readonly attempts: Map<number, number> | undefined;

  constructor({ count, sequence, values, extra }: ArrivedBlock, lease: { readonly lost: boolean }) {
    this.lease = lease;
    this.id = sequence;
    this.values = values;
    this.end = count;
    this.moved = extra.moved ?? [];
    this.alone = extra.alone ?? false;
    this.fence = extra.fence;
    this.attempts = extra.attempts === undefined ? undefined : new Map(extra.attempts);
  }

  attempt(index: number): number {
    return this.attempts?.get(index) ?? 1;
  }
}

/** An item of such a block, in hand. */
export class FetchedItem implements Taken {
  readonly value: unknown;
  /** Why its value cannot be had: nobody is to be given it. */
  readonly unreadable: unknown;
  readonly block: FetchedBlock;
  readonly index: number;
  readonly count = 1;
  /** Acked or given back. */
  settled = false;

  constructor(block: FetchedBlock, index: number) {
    this.block = block;
    this.index = index;
    try {
      this.value = block.values.take(index);
    } catch (error) {
      this.unreadable = error;
    }
  }

  get fence(): number | undefined {
    return this.block.fence;
  }

  get lapsed(): boolean {
    return this.block.lease.lost;
  }

  get attempt(): number {
    return this.block.attempt(this.index);
  }

  get headers(): ItemHeaders | undefined {
    return this.block.values.headers(this.index);
  }

  get moved(): boolean {
    return this.block.moved.includes(this.index);
  }
}

/** Several items of such a block, in hand together. Nothing is known of each but its value. */
export class FetchedRun implements TakenRun {
  readonly value = undefined;
  readonly values: readonly unknown[];
  readonly block: FetchedBlock;
  readonly index: number;
  readonly attempt = 1;
  readonly moved = false;
  readonly headers = undefined;
  settled = false;

  constructor(block: FetchedBlock, index: number, values: readonly unknown[]) {
    this.block = block;
    this.index = index;
    this.values = values;
  }

  get count(): number {
    return this.values.length;
  }

  get lapsed(): boolean {
    return this.block.lease.lost;
  }
}

/** What was fetched and not begun. */
export class FetchedBlocks {
  private readonly blocks = new Ring<FetchedBlock>();
  count = 0;

  add(block: ArrivedBlock, lease: { readonly lost: boolean }): void {
    this.blocks.push(new FetchedBlock(block, lease));
    this.count += block.count;
  }

  take(): FetchedItem | undefined {
    const block = this.blocks.at(0);
    if (block === undefined) return undefined;
    const item = new FetchedItem(block, block.next++);
    if (block.next === block.end) this.blocks.shift();
    this.count--;
    return item;
  }

  /** Up to `most` of the next ones, if they are of a block that gives several at once. */
  takeRun(most: number): FetchedRun | undefined {
    const block = this.blocks.at(0);
    if (block === undefined || block.alone || block.moved.length > 0) return undefined;
    const { next } = block;
    const end = Math.min(block.end, next + most);
    const values = end - next > 1 ? block.values.takeRun?.(next, end) : undefined;
    if (values === undefined) return undefined;
    block.next = end;
    if (end === block.end) this.blocks.shift();
    this.count -= values.length;
    return new FetchedRun(block, next, values);
  }

  /** Takes up to `items` from the end, and names the ranges. */
  removeLast(items: number, each: (block: FetchedBlock, from: number, to: number) => void): void {
    for (let left = Math.min(items, this.count); left > 0; ) {
      const block = this.blocks.at(this.blocks.length - 1);
      if (block === undefined) return;
      const from = Math.max(block.next, block.end - left);
      const to = block.end;
      each(block, from, to);
      block.end = from;
      left -= to - from;
      this.count -= to - from;
      if (block.next === block.end) this.blocks.pop();
    }
  }

  /** Takes up to `items` from the end, to go back: their ranges, and the values that were moved here. */
  takeBack(items: number): { ranges: number[]; values: [block: number, index: number, value: unknown][]; transfer: object[] } {
    const ranges: number[] = [];
    const values: [block: number, index: number, value: unknown][] = [];
    const transfer: object[] = [];
    this.removeLast(items, (block, from, to) => {
      ranges.push(block.id, from, to);
      for (const i of block.moved) {
        if (i < from || i >= to) continue;
        const value = block.values.take(i);
        values.push([block.id, i, value]);
        transfer.push(...transferablesOf(value));
      }
    });
    return { ranges, values, transfer };
  }
}
