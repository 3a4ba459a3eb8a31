import type { ItemHeaders } from '../../transport/backend.js';
import { packErrors, type Packed, unpackErrors } from '../values/errors.js';
import { judged } from '../values/fix.js';
import { transferablesOf } from '../values/survey.js';
import { BLOCK_BYTES, BLOCK_ITEMS, type BlockExtra, CODEC_CLONE } from './messages.js';

/** The block that a producer is filling. Its values were copied when they were put, so that it owns all of them. */
export class OpenBlock {
  private values: unknown[] = [];
  private rich: number[] = [];
  private moved: number[] = [];
  private owned: object[] = [];
  private headers: [index: number, headers: ItemHeaders][] = [];
  private weight = 0;

  get count(): number {
    return this.values.length;
  }

  get full(): boolean {
    return this.values.length >= BLOCK_ITEMS || this.weight >= BLOCK_BYTES;
  }

  /** Adds a value that has just been fixed or moved: `judged` speaks of it. */
  add(value: unknown, moved: boolean, headers: ItemHeaders | undefined): void {
    if (headers !== undefined) this.headers.push([this.values.length, headers]);
    if (moved) {
      this.moved.push(this.values.length);
      for (const object of transferablesOf(value)) this.owned.push(object);
    } else if (judged.buffer !== undefined) this.owned.push(judged.buffer);
    this.weight += judged.weight;
    this.addFixed(value, judged.rich);
  }

  /** Adds a value that was fixed earlier. */
  addFixed(value: unknown, rich: boolean): void {
    if (rich) {
      this.rich.push(this.values.length);
      this.values.push(packErrors(value));
    } else this.values.push(value);
  }

  /** Ends the block: header, body and what is to be moved with it. */
  cut(epoch: number, sequence: number): { block: readonly unknown[]; transfer: readonly object[] } {
    const { values, owned } = this;
    const extra: BlockExtra | undefined =
      this.rich.length + this.moved.length + this.headers.length === 0
        ? undefined
        : { rich: this.rich, moved: this.moved, headers: this.headers };
    this.values = [];
    this.owned = [];
    this.weight = 0;
    if (extra !== undefined) {
      this.rich = [];
      this.moved = [];
      this.headers = [];
    }
    return { block: [CODEC_CLONE, values.length, epoch, sequence, values, extra], transfer: owned };
  }
}

/** A block that arrived, with its values as they were put. */
export interface Block {
  readonly count: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly values: unknown[];
  readonly extra: BlockExtra;
  readonly headers: ReadonlyMap<number, ItemHeaders> | undefined;
}

const NO_EXTRA: BlockExtra = Object.freeze({});

/** Reads a block out of a message, from its header's first field on. */
export function readBlock(message: readonly unknown[], at: number): Block {
  const values = message[at + 4] as unknown[];
  const extra = (message[at + 5] as BlockExtra | undefined) ?? NO_EXTRA;
  for (const i of extra.rich ?? []) values[i] = unpackErrors(values[i] as Packed);
  return {
    count: message[at + 1] as number,
    epoch: message[at + 2] as number,
    sequence: message[at + 3] as number,
    values,
    extra,
    headers: extra.headers === undefined ? undefined : new Map(extra.headers),
  };
}
