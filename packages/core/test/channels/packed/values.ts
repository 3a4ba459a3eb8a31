import assert from 'node:assert/strict';

import { packBlock, unpackBlock } from '@millrace/core/channels';
import fc from 'fast-check';

/** As a caller has them that moves bytes: in memory of their own. */
export function packed(values: readonly unknown[], most?: number): Uint8Array | undefined {
  return packBlock(values, undefined, most)?.slice();
}

/** The values come out as they were, the whole and each range. */
export function carries(values: readonly unknown[], ranges = everyRange(values.length)): void {
  const bytes = packed(values);
  assert(bytes !== undefined, 'the block was refused');
  const lying = inSharedMemory(bytes);
  for (const [from, to] of ranges) {
    for (const where of [bytes, lying]) {
      const { values: got, extra } = unpackBlock(where, from, to);
      assert.equal(extra, undefined);
      same(got, values.slice(from, to));
    }
  }
}

/** Among other blocks' bytes, where threads read it. */
export function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 128)).subarray(64, 64 + bytes.length);
  shared.set(bytes);
  return shared;
}

export function refused(...values: readonly unknown[]): boolean {
  return packBlock(values, undefined) === undefined;
}

/** Equal in every way that a reader can see, to the sign of a zero and the order of keys. */
export function same(got: unknown, expected: unknown): void {
  assert.deepStrictEqual(got, expected);
  assert.deepEqual(order(got), order(expected));
}

function order(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  return Object.entries(value).map(([key, field]) => [key, order(field)]);
}

function everyRange(count: number): [number, number][] {
  const ranges: [number, number][] = [[0, count]];
  for (let from = 0; from < count; from++)
    for (let to = from; to <= count; to++) ranges.push([from, to]);
  return ranges;
}

export const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  // Single units, so that halves of surrogate pairs are among them, and bytes that windows-1252 maps elsewhere.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0x78, max: 0xff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '\ufeff',
    '\ufeffa',
    '\0',
    '\ud800',
    '\udc00',
    '\ud83d\ude00',
    '__proto__',
    'x'.repeat(255),
    'x'.repeat(256),
    'é'.repeat(5000),
    `\ud800${'x'.repeat(5000)}`,
  ),
);

export const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    255,
    256,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
  ),
);

export const bigints = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(1n << 300n), max: 1n << 300n }),
  fc.constantFrom(0n, 1n << 63n, (1n << 63n) - 1n, -(1n << 63n), -(1n << 63n) - 1n),
);

export const primitives = fc.oneof(
  numbers,
  strings,
  bigints,
  fc.boolean(),
  fc.constantFrom(undefined, null),
);

const buffers = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.slice().buffer);

export const views = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.slice()),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  buffers,
  buffers.map((buffer) => new DataView(buffer)),
);

/** Anything that a block carries, as structured clone leaves it. */
export const anything = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      primitives,
      fc.date({ noInvalidDate: false }),
      views,
      fc.array(tie('value'), { maxLength: 6 }),
      fc.dictionary(fc.oneof(strings, fc.constantFrom('a', 'b', 'c', '1', '0')), tie('value'), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
      fc.record({ id: tie('value'), name: tie('value') }, { noNullPrototype: true }),
    ),
  }))
  .value.map((value) => structuredClone(value));
