import { type BlockExtra, packBlock } from '@millrace/core/channels';
import { describe, expect, it } from 'vitest';

import { carries, packed, refused } from './values.js';

class Point {
  x = 1;
}

const shared = { a: 1 };
const ring: Record<string, unknown> = {};
ring['ring'] = ring;
const list: unknown[] = [];
list.push(list);
const detour = { list: [] as unknown[] };
detour.list.push({ detour });

/** As of ES2024, which the compiler's library is not. */
function growable(): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]) as ArrayBuffer;
}

/** What a block may not hold, and why not. */
const NOT_CARRIED: [string, () => unknown][] = [
  ['a function', () => () => 1],
  ['a symbol', () => Symbol('s')],
  ['a map', () => new Map()],
  ['a set', () => new Set()],
  ['a regular expression', () => /x/],
  ['an error', () => new Error('x')],
  ['an instance of a class', () => new Point()],
  ['a boxed number', () => Object(1) as unknown],
  ['a promise', () => Promise.resolve()],
  ['shared memory', () => new SharedArrayBuffer(8)],
  ['a view of shared memory', () => new Uint8Array(new SharedArrayBuffer(8))],
  ['a view of a part', () => new Uint8Array(16).subarray(0, 8)],
  ['a view of numbers of a part', () => new Float64Array(16).subarray(1)],
  ['a buffer that can grow', growable],
  ['a view that can grow', () => new Uint8Array(growable())],
  ['a subclass of bytes', () => Buffer.from(new ArrayBuffer(8))],
  ['an array with a hole', () => [1, , 2]], // eslint-disable-line no-sparse-arrays
  ['an array with a hole at its end', () => [1, ,]], // eslint-disable-line no-sparse-arrays
  ['an array with a field', () => Object.assign([1], { extra: 1 })],
  ['an array with a hole and a field', () => Object.assign([, 1], { extra: 1 })], // eslint-disable-line no-sparse-arrays
  ['an array of a class', () => new (class extends Array<number> {})()],
  ['a cycle of objects', () => ring],
  ['a cycle of arrays', () => list],
  ['a cycle of both', () => detour],
];

describe('a packed block refuses what it does not carry', () => {
  it.each(NOT_CARRIED)('%s', (_name, make) => {
    expect(refused(make())).toBe(true);
    expect(refused(make(), make())).toBe(true);
    expect(refused(1, make())).toBe(true);
    expect(refused('text', make())).toBe(true);
    expect(refused({ field: make() })).toBe(true);
    expect(refused({ field: 1 }, { field: make() })).toBe(true);
    expect(refused([[make()]])).toBe(true);
    expect(refused(new Uint8Array(1), make())).toBe(true);
  });

  it('an object that is met twice in one value', () => {
    expect(refused([shared, shared])).toBe(true);
    expect(refused({ a: shared, b: shared })).toBe(true);
    expect(refused({ a: shared, b: { c: [shared] } })).toBe(true);
    expect(refused({ a: shared, b: 1 }, { a: shared, b: shared })).toBe(true);
    const bytes = new Uint8Array(8);
    expect(refused({ a: bytes, b: bytes })).toBe(true);
    expect(refused([bytes, bytes.buffer])).toBe(true);
    expect(refused([bytes, new DataView(bytes.buffer)])).toBe(true);
    // Among records that are alike, the second of which is not as good as the first.
    const good = { a: { x: 1 }, b: { x: 1 }, c: 1 };
    expect(refused(good, { a: shared, b: shared, c: 1 })).toBe(true);
    expect(refused({ deep: good }, { deep: { a: shared, b: shared, c: 1 } })).toBe(true);
    expect(refused({ a: [{}], b: { x: {} } }, { a: [shared], b: { x: shared } })).toBe(true);
    expect(refused({ a: bytes, b: bytes.buffer })).toBe(true);
    expect(refused({ a: bytes, b: new DataView(bytes.buffer) })).toBe(true);
    const date = new Date(0);
    expect(refused([date, date])).toBe(true);
    const many = Array.from({ length: 40 }, () => ({}));
    expect(refused([...many, many[39]])).toBe(true);
    expect(refused([...many, many[0]])).toBe(true);
  });

  it('but not one that is met in two values, which are copies of their own', () => {
    carries([shared, shared]);
    carries([[shared], [shared], { shared }]);
    carries([
      { shared, x: 1 },
      { shared, x: 2 },
    ]);
    const many = Array.from({ length: 40 }, () => ({}));
    carries([many, many]);
  });

  it('values that are too deep', () => {
    let lists: unknown = 1;
    let records: unknown = 1;
    for (let i = 0; i < 100; i++) {
      lists = [lists];
      records = { records };
    }
    expect(refused(lists)).toBe(true);
    expect(refused(records)).toBe(true);
    expect(refused({ lists })).toBe(true);
  });

  it('more sets of keys than a block of things that are alike has', () => {
    const shapes = Array.from({ length: 300 }, (_, i) => ({ [`key${i}`]: i }));
    expect(refused(...shapes)).toBe(true);
    carries([shapes.slice(0, 256)]);
  });

  it('more bytes than it may take', () => {
    const blocks: unknown[][] = [
      [new Uint8Array(5000)],
      ['x'.repeat(5000)],
      ['é'.repeat(2500)],
      ['\ud800'.repeat(2500)],
      Array.from({ length: 1250 }, (_, i) => i),
      Array.from({ length: 625 }, (_, i) => i / 2),
      Array.from({ length: 5000 }, () => null),
      Array.from({ length: 250 }, (_, i) => ({ i, text: 'sixteen letters.' })),
      [Array.from({ length: 5000 }, () => null)],
      [Array.from({ length: 50 }, () => 'x'.repeat(100))],
      [['x'.repeat(5000)]],
      [[new Uint8Array(5000)]],
      [1n << 20_000n],
    ];
    for (const block of blocks) {
      expect(packed(block, 4900)).toBeUndefined();
      const bytes = packed(block, 100_000)!;
      expect(packed(block, bytes.length + 32)).toEqual(bytes);
      // Nothing of a refused block stays behind.
      carries([1, 2], [[0, 2]]);
    }
    expect(refused(new Uint8Array(1024 * 1024))).toBe(true);
    expect(refused('x'.repeat(2 ** 29 - 24), 'x'.repeat(2 ** 29 - 24))).toBe(true);
    expect(packed([], 8)).toBeUndefined();
  });

  it('values that were moved, and what only blocks that are dealt out have', () => {
    const refusedWith = (extra: BlockExtra) => packBlock([1], extra) === undefined;
    expect(refusedWith({ moved: [0] })).toBe(true);
    expect(refusedWith({ attempts: [[0, 2]] })).toBe(true);
    expect(refusedWith({ fence: 1 })).toBe(true);
    expect(refusedWith({ alone: true })).toBe(true);
    expect(refusedWith({ moved: [], rich: [], headers: [] })).toBe(false);
  });
});
