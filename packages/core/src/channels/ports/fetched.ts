import type { ItemHeaders, Taken } from '../../transport/backend.js';
import { Ring } from '../../transport/memory/ring.js';
import { transferablesOf } from '../values/survey.js';
import type { BlockExtra } from './messages.js';

/** A block of items at its consumer. */
export class FetchedBlock {
  readonly id: number;
  readonly values: unknown[];
  readonly moved: readonly number[];
  readonly alone: boolean;
  /** Items before this place have been begun; those from `end` on were given back. */
  next = 0;
  end: number;
  /** Up to where its home knows that items were begun. */
  reported = 0;
  private readonly attempts: Map<number, number> | undefined;
  readonly headers: Map<number, ItemHeaders> | undefined;

  constructor(id: number, values: unknown[], extra: BlockExtra) {
    this.id = id;
    this.values = values;
    this.end = values.length;
    this.moved = extra.moved ?? [];
    this.alone = extra.alone ?? false;
    this.headers = extra.headers === undefined || extra.headers.length === 0 ? undefined : new Map(extra.headers);
    this.attempts = extra.attempts === undefined ? undefined : new Map(extra.attempts);
  }

  attempt(index: number): number {
    return this.attempts?.get(index) ?? 1;
  }
}

/** An item of such a block, in hand. */
export class FetchedItem implements Taken {
  readonly value: unknown;
  readonly block: FetchedBlock;
  readonly index: number;
  /** Acked or given back. */
  settled = false;

  constructor(block: FetchedBlock, index: number) {
    this.block = block;
    this.index = index;
    this.value = block.values[index];
  }

  get attempt(): number {
    return this.block.attempt(this.index);
  }

  get headers(): ItemHeaders | undefined {
    return this.block.headers?.get(this.index);
  }

  get moved(): boolean {
    return this.block.moved.includes(this.index);
  }
}

/** What was fetched and not begun. */
export class FetchedBlocks {
  private readonly blocks = new Ring<FetchedBlock>();
  count = 0;

  add(id: number, values: unknown[], extra: BlockExtra): void {
    this.blocks.push(new FetchedBlock(id, values, extra));
    this.count += values.length;
  }

  take(): FetchedItem | undefined {
    const block = this.blocks.at(0);
    if (block === undefined) return undefined;
    const item = new FetchedItem(block, block.next);
    // The block holds on to no value that has been handed out.
    block.values[block.next++] = undefined;
    if (block.next === block.end) this.blocks.shift();
    this.count--;
    return item;
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
        values.push([block.id, i, block.values[i]]);
        transfer.push(...transferablesOf(block.values[i]));
      }
    });
    return { ranges, values, transfer };
  }
}
