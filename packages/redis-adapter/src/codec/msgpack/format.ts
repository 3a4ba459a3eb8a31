/**
 * The layout of the default codec. Plain data is plain MessagePack, which every language reads and writes:
 *
 * | JavaScript                              | MessagePack                                                          |
 * | --------------------------------------- | -------------------------------------------------------------------- |
 * | null, true, false                       | nil, true, false                                                     |
 * | a safe integer                          | int (any width; 64 bits that are no safe integer arrive as a BigInt) |
 * | any other number, -0 included           | float 64 (float 32 is read too)                                      |
 * | a string                                | str                                                                  |
 * | an array                                | array                                                                |
 * | an object, by its own enumerable fields | map with str keys (a map with any other key arrives as a Map)        |
 * | a Uint8Array, a Buffer                  | bin                                                                  |
 * | a Date                                  | timestamp, the extension -1 (read in whole milliseconds)             |
 *
 * What JavaScript has beyond that is an extension, whose type is one of those below. "Values" in its payload are MessagePack
 * values again, one behind another, up to its end, so that a reader that does not know a type can still look inside.
 */
export const EXT = Object.freeze({
  /** undefined. Payload: one byte, 0. */
  UNDEFINED: 0,
  /** Payload: ASCII, `-` if negative and then hexadecimal digits. */
  BIGINT: 1,
  /** A Date that is no time. Payload: one byte, 0. */
  INVALID_DATE: 2,
  /** Values: key, value, key, value... */
  MAP: 3,
  /** Values: the members. */
  SET: 4,
  /** Values: name, message, stack (or undefined), and then name and value of each other field, `cause` among them. */
  ERROR: 5,
  /** Values: source, flags. */
  REGEXP: 6,
  /** A boxed boolean, number, string or BigInt. Values: what is in the box. */
  BOXED: 7,
  /** An array that has holes, or fields besides its items. Values: length, and then key (an index or a name) and value of each. */
  ARRAY: 8,
  /** An ArrayBuffer. Payload: its bytes. */
  BUFFER: 9,
  /** Any other typed array. Payload: its kind (its place in `VIEWS`), and then its bytes, little-endian. */
  VIEW: 10,
  /** A view on a buffer that is also elsewhere in the value. Values: kind, offset in bytes, length in items, the buffer. */
  WINDOW: 11,
  /** A string with surrogates that stand alone, which UTF-8 cannot say. Payload: UTF-16, little-endian. */
  TEXT16: 12,
  /**
   * Only around a whole value: one in which something occurs twice, or lies within itself. Values: the value. In it, all that
   * is no primitive is numbered from 0 in the order in which it begins.
   */
  GRAPH: 13,
  /** Only within such a value: what has that number. Values: the number. */
  SAME: 14,
  TIMESTAMP: -1,
});

/** Deeper nesting is refused by both sides, so that what was put can be taken wherever the stack stands. */
export const MOST_DEPTH = 1000;

type ViewClass = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

/** An entry's place is its kind. */
export const VIEWS: readonly { readonly type: ViewClass; readonly width: number }[] = [
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
