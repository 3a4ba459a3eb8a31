import { platform } from '../../runtime/runtime.js';
import type { BlockExtra } from '../ports/messages.js';
import { transferablesOf } from '../values/survey.js';
import { cutExtra } from './extra.js';

interface KeptBlock {
  readonly values: unknown[];
  readonly extra: BlockExtra | undefined;
  /** Values that were moved, and have been moved on: to whom. */
  readonly away: Map<number, object>;
}

interface Waiter {
  readonly from: number;
  readonly to: number;
  readonly by: object;
  readonly call: () => void;
}

/** Values that are not in shared memory: too large, to be moved, or of a kind that only structured clone carries. */
export class KeptValues {
  private readonly blocks = new Map<number, KeptBlock>();
  private readonly waiting = new Map<number, Waiter[]>();

  get size(): number {
    return this.blocks.size;
  }

  keep(key: number, values: unknown[], extra: BlockExtra | undefined): void {
    this.blocks.set(key, { values, extra, away: new Map() });
    this.serve(key);
  }

  /**
   * Calls back when these values are there. They may come later than the queue knows of their block, or that they were given back by
   * who had them: that comes by another link. At once where nobody needs them any more.
   */
  whenThere(key: number, from: number, to: number, by: object, call: () => void): void {
    if (this.has(key, from, to, by)) call();
    else this.waiting.set(key, [...(this.waiting.get(key) ?? []), { from, to, by, call }]);
  }

  /** None of them is still on its way back from somebody else. */
  private has(key: number, from: number, to: number, by: object): boolean {
    const block = this.blocks.get(key);
    return block !== undefined && ![...block.away].some(([index, where]) => index >= from && index < to && where !== by);
  }

  private serve(key: number): void {
    for (const { from, to, by, call } of this.takeWaiting(key)) this.whenThere(key, from, to, by, call);
  }

  private takeWaiting(key: number): readonly Waiter[] {
    const waiting = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    return waiting;
  }

  forget(key: number): void {
    this.blocks.delete(key);
    for (const { call } of this.takeWaiting(key)) call();
  }

  /** These values, and what of them is to be moved to who takes them. */
  take(key: number, from: number, to: number, by: object): { values: unknown[]; extra: BlockExtra | undefined; transfer: object[] } {
    const block = this.blocks.get(key);
    if (block === undefined) return { values: [], extra: undefined, transfer: [] };
    const values = block.values.slice(from, to);
    const transfer: object[] = [];
    for (const i of block.extra?.moved ?? []) {
      if (i < from || i >= to || block.away.has(i)) continue;
      block.away.set(i, by);
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
    this.serve(key);
  }

  /** Whether it was moved there, and has not come back. */
  isWith(key: number, index: number, by: object): boolean {
    return this.blocks.get(key)?.away.get(index) === by;
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
