import { type ItemHeaders, MillraceError } from '@millrace/core';
import { type ArrivedValues, BLOCK_BYTES, BLOCK_ITEMS, type BlockExtra, CODEC_BYTES, type OpenBlock, type ValueForm } from '@millrace/core/channels';
import { BlockReader, BlockWriter } from './block.js';
import { addHeaders, encodeReason, type Items, unreadable } from './item.js';

const NO_EXTRA: BlockExtra = Object.freeze({});

/** Values as items of bytes: the body of a block is that of {@link BlockWriter}. */
export function bytesForm(items: Items, { headers = true }: { readonly headers?: boolean } = {}): ValueForm {
  return Object.freeze({
    fix: (value: unknown, at?: string) => items.encode(value, undefined, at),
    open: () => new BytesBlock(items, headers),
    read: (message: readonly unknown[], at: number) => {
      const count = message[at + 1] as number;
      const sequence = message[at + 3] as number;
      const extra = (message[at + 5] as BlockExtra | undefined) ?? NO_EXTRA;
      return { count, sequence, values: new BytesValues(items, message[at + 4] as Uint8Array, count), extra };
    },
    packReason: encodeReason,
  });
}

class BytesBlock implements OpenBlock {
  private readonly block = new BlockWriter();
  private readonly items: Items;
  private readonly headers: boolean;

  constructor(items: Items, headers: boolean) {
    this.items = items;
    this.headers = headers;
  }

  get count(): number {
    return this.block.count;
  }

  get full(): boolean {
    return this.block.count >= BLOCK_ITEMS || this.block.size >= BLOCK_BYTES;
  }

  put(value: unknown): void {
    const { block } = this;
    try {
      this.items.encodeInto(block.items, value);
    } catch (error) {
      block.rewind();
      throw error;
    }
    block.end();
  }

  add(fixed: unknown, meta: { readonly transfer?: unknown; readonly headers?: ItemHeaders | undefined } | undefined): void {
    if (meta?.transfer !== undefined)
      throw new MillraceError('TRANSFER_REFUSED', 'Nothing can be moved to another process: leave the transfer list out, and the value is copied.');
    if (meta?.headers !== undefined && !this.headers)
      throw new MillraceError('CAPABILITY_MISSING', 'An entry of a plain list is a value and nothing else: leave the headers out, or put what they say into the value.', {
        option: 'headers',
        value: meta.headers,
      });
    addHeaders(this.block.items, fixed as Uint8Array, meta?.headers);
    this.block.end();
  }

  cut(epoch: number, sequence: number): { block: readonly unknown[]; transfer: readonly object[] } {
    const { count } = this.block;
    return { block: [CODEC_BYTES, count, epoch, sequence, this.block.cut(), undefined], transfer: [] };
  }
}

class BytesValues implements ArrivedValues {
  private readonly items: Items;
  private readonly block: BlockReader | Error;
  private read: Map<number, ItemHeaders> | undefined;
  /** Values that were read together, from the item in this place on. */
  private alike: unknown[] = [];
  private alikeFrom = 0;

  constructor(items: Items, bytes: Uint8Array, count: number) {
    this.items = items;
    this.block = blockOf(bytes, count);
  }

  take(index: number): unknown {
    const { block } = this;
    if (block instanceof Error) throw unreadable(block.message, block);
    const value = this.takeAlike(block, index);
    return value === undefined ? this.takeAny(block, index) : value;
  }

  private takeAlike(block: BlockReader, index: number): unknown {
    // One that is none will not be the only one.
    if (index >= this.alikeFrom + this.alike.length) {
      this.alike = this.items.alikeFrom(block, index);
      this.alikeFrom = this.alike.length > 0 ? index : block.count;
    }
    const at = index - this.alikeFrom;
    const value = this.alike[at];
    if (value !== undefined) this.alike[at] = undefined;
    return value;
  }

  private takeAny(block: BlockReader, index: number): unknown {
    const { value, headers } = this.items.decode(block.bytes, block.from(index), block.to(index));
    if (headers !== undefined) (this.read ??= new Map()).set(index, headers);
    return value;
  }

  headers(index: number): ItemHeaders | undefined {
    return this.read?.get(index);
  }
}

/** A block that cannot be told into items has none that can be read. */
function blockOf(bytes: Uint8Array, count: number): BlockReader | Error {
  try {
    return new BlockReader(bytes, count);
  } catch (error) {
    return error as Error;
  }
}
