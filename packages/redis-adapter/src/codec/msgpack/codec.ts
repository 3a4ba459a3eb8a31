import { walk } from '@millrace/core/channels';
import type { Codec } from '../codec.js';
import { ByteWriter } from '../writer.js';
import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';

const NOWHERE = new ByteWriter(0);
let encoder: Encoder | undefined = new Encoder(NOWHERE);
let decoder: Decoder | undefined = new Decoder();

/** MessagePack, with extensions for what only JavaScript has: the value arrives as structured clone would carry it. */
export const msgpack: Required<Codec> = Object.freeze({
  id: 1,
  name: 'msgpack',
  encode(value: unknown): Uint8Array {
    const writer = new ByteWriter(256);
    this.encodeInto(value, writer);
    return writer.cut();
  },
  encodeInto(value: unknown, out: ByteWriter): void {
    // A getter within the value may put something itself.
    const own = encoder ?? new Encoder(out);
    encoder = undefined;
    own.out = out;
    try {
      own.value(value, () => sharedBuffers(value));
    } finally {
      own.out = NOWHERE;
      encoder = own;
    }
  },
  decode(bytes: Uint8Array): unknown {
    return this.decodeFrom(bytes, 0, bytes.length);
  },
  decodeFrom(bytes: Uint8Array, from: number, to: number): unknown {
    const own = decoder ?? new Decoder();
    decoder = undefined;
    try {
      return own.value(bytes, from, to);
    } finally {
      decoder = own;
    }
  },
});

/** Buffers that more than one part of the value lies on. */
function sharedBuffers(value: unknown): ReadonlySet<ArrayBufferLike> {
  const once = new Set<ArrayBufferLike>();
  const shared = new Set<ArrayBufferLike>();
  walk(value, (found) => {
    if (Buffer.isBuffer(found)) return false;
    const buffer = ArrayBuffer.isView(found) ? found.buffer : found instanceof ArrayBuffer ? found : undefined;
    if (buffer === undefined) return true;
    if (once.has(buffer)) shared.add(buffer);
    once.add(buffer);
    return false;
  });
  return shared;
}
