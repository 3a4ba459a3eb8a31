import { addExtension, Packr, RESET_BUFFER_MODE, Unpackr } from 'msgpackr/index-no-eval';
import type { Codec } from './codec.js';
import { isPlain } from './plain.js';
import { findUnfit, nameOf, Unfit } from './unfit.js';
import { ByteWriter } from './writer.js';

/** What msgpackr writes to between items: larger space is given back. */
const PACKED_BYTES = 1024 * 1024;
/** Larger items are read where they lie. */
const COPIED_BYTES = 4096;
/** Up to so many bytes, a loop is faster than the platform's copy. */
const LOOPED_BYTES = 16;
const NIL = 0xc0;

/**
 * This entry of msgpackr has a state of its own, apart from the one that a program may use for itself: its extensions are
 * global to it, and so is the space that it writes to. Since all maps have their keys with them (no records), it is as fast
 * without `eval`, and its native addon does not help with small items.
 */
const packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false });
const unpackr = new Unpackr({ useRecords: false, copyBuffers: true, structuredClone: false });
// Whole numbers of 64 bits from other programs are numbers while a number holds them. Its types do not know of that.
Object.assign(unpackr, { int64AsType: 'auto' });

/** What msgpackr has for itself beyond MessagePack: bigints, bundles, errors, references, sets, typed arrays, regular expressions. */
for (const type of [0x42, 0x62, 0x65, 0x69, 0x70, 0x73, 0x74, 0x78])
  addExtension({
    type,
    unpack: () => {
      throw new RangeError(`Extension ${String(type)} is none of this codec.`);
    },
  });

/** Small items are copied here to be read, which is faster than a view on each. No Buffer: its slices would be Buffers. */
const near = new Uint8Array(COPIED_BYTES);

/**
 * MessagePack, which other languages read: plain data and bytes. `undefined` is the extension 0, as other libraries write it.
 * A value that MessagePack has no word for is refused. Of what others write, a map is an object, whatever its keys, and a
 * timestamp is a Date.
 */
export const msgpack: Required<Codec> = Object.freeze({
  id: 1,
  name: 'msgpack',
  encode(value: unknown): Uint8Array {
    const writer = new ByteWriter(256);
    this.encodeInto(value, writer);
    return writer.cut();
  },
  encodeInto(value: unknown, out: ByteWriter): void {
    if (!isPlain(value)) refuse(value);
    packPlain(value, out);
  },
  decode(bytes: Uint8Array): unknown {
    return this.decodeFrom(bytes, 0, bytes.length);
  },
  decodeFrom(bytes: Uint8Array, from: number, to: number): unknown {
    const size = to - from;
    if (size <= LOOPED_BYTES) {
      for (let i = 0; i < size; i++) near[i] = bytes[from + i]!;
      return unpackr.unpack(near, size);
    }
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + from, size);
    if (size <= COPIED_BYTES) {
      near.set(view);
      return unpackr.unpack(near, size);
    }
    try {
      return unpackr.unpack(view);
    } finally {
      // It holds on to what it read last.
      near[0] = NIL;
      unpackr.unpack(near, 1);
    }
  },
});

/** Writes a value that `isPlain` has let pass. */
export function packPlain(value: unknown, out: ByteWriter): void {
  const packed = packr.pack(value, RESET_BUFFER_MODE);
  out.append(packed);
  if (packed.buffer.byteLength > PACKED_BYTES) packr.useBuffer(Buffer.allocUnsafeSlow(8192));
}

function refuse(value: unknown): never {
  findUnfit(value, { leaf, key, twice: false });
  throw new Unfit('It is nested too deep, or two parts of it lie on one buffer.');
}

function leaf(value: unknown): string | undefined {
  if (isPlain(value)) return undefined;
  if (typeof value === 'number') return '-0';
  return typeof value === 'string' ? 'text with half of a surrogate pair' : nameOf(value);
}

function key(name: string): string | undefined {
  if (name === '__proto__') return 'a field of that name';
  return name.isWellFormed() ? undefined : 'a field with half of a surrogate pair in its name';
}
