import { ByteWriter } from './writer.js';

/**
 * A block's body: a table of where each item ends, as 32-bit little-endian numbers counted from the end of the table, and
 * then the items' bytes. How many items there are is said beside it. Any range can be cut out without looking into an item.
 */
const ENTRY = 4;
/** A block for ordinary items; what is larger is given back after the block was cut. */
const KEPT_BYTES = 1024 * 1024;

/** Fills blocks, one after another. */
export class BlockWriter {
  /** Where the next item's bytes go; `end` says that they are complete. */
  readonly items = new ByteWriter();
  private readonly ends: number[] = [];

  get count(): number {
    return this.ends.length;
  }

  /** Bytes of the items so far. */
  get size(): number {
    return this.ends.at(-1) ?? 0;
  }

  /** What was written since the last call is an item. */
  end(): void {
    this.ends.push(this.items.position);
  }

  /** Forgets what was written since. */
  rewind(): void {
    this.items.position = this.size;
  }

  add(item: Uint8Array): void {
    this.items.append(item);
    this.end();
  }

  /** The block's body, a Buffer since that is what Redis clients take as it is; the next one is begun. */
  cut(): Buffer {
    const { ends, items, size } = this;
    const table = ends.length * ENTRY;
    const body = Buffer.allocUnsafe(table + size);
    for (let i = 0; i < ends.length; i++) body.writeUInt32LE(ends[i]!, i * ENTRY);
    body.set(items.bytes.subarray(0, size), table);
    ends.length = 0;
    items.position = 0;
    items.shrink(KEPT_BYTES);
    return body;
  }
}

export function packBlock(items: readonly Uint8Array[]): Buffer {
  const block = new BlockWriter();
  for (const item of items) block.add(item);
  return block.cut();
}

/** Reads a block's body, item by item as asked. Throws a RangeError at once when the table does not fit the bytes. */
export class BlockReader {
  readonly count: number;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly table: number;

  constructor(bytes: Uint8Array, count: number) {
    this.bytes = bytes;
    this.count = count;
    this.table = count * ENTRY;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let last = 0;
    for (let i = 0; i < count; i++) {
      const end = this.view.getUint32(i * ENTRY, true);
      if (end < last) throw new RangeError(`Item ${String(i)} of a block ends before it begins.`);
      last = end;
    }
    if (this.table + last !== bytes.length)
      throw new RangeError(`A block of ${String(bytes.length)} bytes should have ${String(this.table + last)}.`);
  }

  /** Where in `bytes` the item begins. */
  from(index: number): number {
    return index === 0 ? this.table : this.to(index - 1);
  }

  /** Where in `bytes` it is over. */
  to(index: number): number {
    return this.table + this.view.getUint32(index * ENTRY, true);
  }

  /** A view on the item's bytes. */
  item(index: number): Uint8Array {
    return this.bytes.subarray(this.from(index), this.to(index));
  }
}
