import type { ByteWriter } from './writer.js';

/**
 * How one value becomes bytes and is read again. The codec's id stands before each item, so that one queue may hold items of
 * several: {@link https://msgpack.org MessagePack} is 1, JSON is 2, V8's structured clone is 3, and 32 to 63 are free for
 * codecs of your own.
 */
export interface Codec {
  /** From 1 to 63. */
  readonly id: number;
  /** For error messages. */
  readonly name: string;
  /** Called during put, so that it also judges. Throws where the value cannot be carried: best with the path to what is wrong. */
  encode(value: unknown): Uint8Array;
  /** Throws where the bytes are not what `encode` made: they may have come from anywhere. Holds on to nothing of them. */
  decode(bytes: Uint8Array): unknown;
  /** As `encode`, without an array of its own. When it throws, the writer is rewound by the caller. */
  encodeInto?(value: unknown, to: ByteWriter): void;
  /** As `decode`, of a part. */
  decodeFrom?(bytes: Uint8Array, from: number, to: number): unknown;
}
