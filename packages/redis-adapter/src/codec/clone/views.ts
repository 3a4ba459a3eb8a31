import { DefaultSerializer, Deserializer } from 'node:v8';
import { Unfit } from '../unfit.js';

type ViewClass = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

/** An entry's place is its kind. */
const VIEWS: readonly { readonly type: ViewClass; readonly width: number }[] = [
  { type: Uint8Array, width: 1 },
  { type: Int8Array, width: 1 },
  { type: Uint8ClampedArray, width: 1 },
  { type: Int16Array, width: 2 },
  { type: Uint16Array, width: 2 },
  { type: Int32Array, width: 4 },
  { type: Uint32Array, width: 4 },
  { type: Float32Array, width: 4 },
  { type: Float64Array, width: 8 },
  { type: BigInt64Array, width: 8 },
  { type: BigUint64Array, width: 8 },
  { type: DataView, width: 1 },
];
/** Said in place of the kind's number where the buffer is also elsewhere in the value. */
const WINDOW = 0x100;

/**
 * V8 alone would write the whole of the buffer that a view is on. A view is written as its kind, how many bytes it has (32 bits
 * each, as V8 writes numbers), and those; one on a shared buffer as `WINDOW | kind`, its offset in bytes, its length in items, and
 * the buffer as a value.
 */
export class ViewSerializer extends DefaultSerializer {
  private readonly shared: ReadonlySet<ArrayBufferLike>;

  constructor(shared: ReadonlySet<ArrayBufferLike>) {
    super();
    this.shared = shared;
  }

  _writeHostObject(value: object): void {
    if (!ArrayBuffer.isView(value)) throw new Unfit('Only this process can hold it.');
    const { buffer, byteOffset, byteLength } = value;
    const kind = Buffer.isBuffer(value) ? 0 : VIEWS.findIndex(({ type }) => value instanceof type);
    if (kind < 0 || !(buffer instanceof ArrayBuffer)) throw new Unfit('There is no such view, or it is on shared memory.');
    // Throws where the bytes were moved away.
    if (byteLength === 0) buffer.slice();
    if (this.shared.has(buffer) && !Buffer.isBuffer(value)) {
      this.writeUint32(WINDOW | kind);
      this.writeUint32(byteOffset);
      this.writeUint32(byteLength / VIEWS[kind]!.width);
      this.writeValue(buffer);
    } else {
      this.writeUint32(kind);
      this.writeUint32(byteLength);
      this.writeRawBytes(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
}

export class ViewDeserializer extends Deserializer {
  _readHostObject(): object {
    const head = this.readUint32();
    const type = VIEWS[head % WINDOW]?.type;
    if (type === undefined || head >= 2 * WINDOW) throw new RangeError(`There is no view of kind ${String(head)}.`);
    if (head < WINDOW) return new type(new Uint8Array(this.readRawBytes(this.readUint32())).buffer);
    const offset = this.readUint32();
    const length = this.readUint32();
    const buffer: unknown = this.readValue();
    if (!(buffer instanceof ArrayBuffer)) throw new RangeError('A view is on no buffer.');
    return new type(buffer, offset, length);
  }

  /** How many bytes were read. */
  position(of: Uint8Array): number {
    return this.readRawBytes(0).byteOffset - of.byteOffset;
  }
}
