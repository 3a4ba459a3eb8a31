import { platform } from '../../runtime/runtime.js';
import type { BlockExtra } from '../ports/messages.js';
import { transferablesOf } from '../values/survey.js';
import { cutExtra } from './extra.js';

interface KeptBlock {
  readonly values: unknown[];
  readonly extra: BlockExtra | undefined;
  /** Values that were moved, and have been moved on. */
  readonly away: Set<number>;
}

/** Values that are not in shared memory: too large, to be moved, or of a kind that only structured clone carries. */
export class KeptValues {
  private readonly blocks = new Map<number, KeptBlock>();
  private readonly waiting = new Map<number, (() => void)[]>();

  get size(): number {
    return this.blocks.size;
  }

  keep(key: number, values: unknown[], extra: BlockExtra | undefined): void {
    this.blocks.set(key, { values, extra, away: new Set() });
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    for (const call of waiting ?? []) call();
  }

  whenThere(key: number, call: () => void): void {
    if (this.blocks.has(key)) call();
    else this.waiting.set(key, [...(this.waiting.get(key) ?? []), call]);
  }

  forget(key: number): void {
    this.blocks.delete(key);
  }

  /** These values, and what of them is to be moved. */
  take(key: number, from: number, to: number): { values: unknown[]; extra: BlockExtra | undefined; transfer: object[] } {
    const block = this.blocks.get(key);
    if (block === undefined) return { values: [], extra: undefined, transfer: [] };
    const values = block.values.slice(from, to);
    const transfer: object[] = [];
    for (const i of block.extra?.moved ?? []) {
      if (i < from || i >= to || block.away.has(i)) continue;
      block.away.add(i);
      transfer.push(...transferablesOf(values[i - from]));
    }
    return { values, extra: block.extra && cutExtra(block.extra, from, to), transfer };
  }

  /** A value that was moved comes back. */
  giveBack(key: number, index: number, value: unknown): void {
    const block = this.blocks.get(key);
    if (block === undefined) return;
    block.values[index] = value;
    block.away.delete(index);
  }

  /** Whether it was moved, and is not here any more. */
  isAway(key: number, index: number): boolean {
    return this.blocks.get(key)?.away.has(index) ?? false;
  }

  /** A copy of one, for whoever looks; itself, if who was given it has moved a part of it on. */
  peek(key: number, index: number): { value: unknown; extra: BlockExtra | undefined } {
    const block = this.blocks.get(key);
    const kept = block?.values[index];
    let value = kept;
    try {
      value = platform.structuredClone(kept);
    } catch {
      // What is moved away cannot be copied.
    }
    return { value, extra: block?.extra && cutExtra(block.extra, index, index + 1) };
  }
}
