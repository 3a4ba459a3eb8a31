import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BlockWriter, bytesForm, Items, msgpack } from '../../src/codec/index.ts';

const items = new Items();

function blockOf(values: readonly unknown[]): Buffer {
  const block = new BlockWriter();
  for (const value of values) {
    items.encodeInto(block.items, value);
    block.end();
  }
  return block.cut();
}

function read(body: Uint8Array, count: number, order = Array.from({ length: count }, (_, i) => i)): unknown[] {
  const { values } = bytesForm(items).read([1, count, 0, 0, body, undefined], 0);
  return order.map((index) => values.take(index));
}

const names = ['id', 'ts', 'payload', '', 'a b', '1', 'constructor', 'k'.repeat(31), 'k'.repeat(32), 'ключ', '__proto__'];
const leaf = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(-0, 0x7f, 0x80, -0x20, -0x21, -0x80, -0x81, 0xffff, 0x10000, -0x8000, -0x8001, 2 ** 31, -(2 ** 31), 2 ** 32),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('x'.repeat(5000), '\ud800', true, false, null, undefined, [1], { in: 1 }, new Uint8Array(3), new Date(0), 7n),
);
const record = fc
  .uniqueArray(fc.constantFrom(...names), { maxLength: 5 })
  .chain((fields) => fc.tuple(...fields.map((name) => leaf.map((value) => [name, value] as const))).map((pairs) => Object.fromEntries(pairs)));
/** Runs of records that have the same fields, and others between them. */
const values = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.tuple(record, fc.integer({ min: 1, max: 20 })) }, fc.tuple(leaf, fc.constant(1))), { minLength: 1, maxLength: 8 })
  .map((runs) => runs.flatMap(([value, times]) => Array.from({ length: times }, () => value)));

describe('records that are alike', () => {
  it('are read as they were written, whatever stands between them', () => {
    fc.assert(
      fc.property(values, (all) => {
        const got = read(blockOf(all), all.length);
        // It shows what is different, and takes fields for more than fields.
        if (!isDeepStrictEqual(got, all)) expect(got).toBe(all);
      }),
      { numRuns: 2000 },
    );
  });

  it('are the same bytes as any other MessagePack of theirs', () => {
    fc.assert(
      fc.property(record, (value) => {
        const bytes = items.encode(value);
        if (bytes[0] === msgpack.id) expect(bytes.subarray(1)).toEqual(Buffer.from(msgpack.encode(value)));
      }),
      { numRuns: 5000 },
    );
  });

  it('are read in any order, and from any item on', () => {
    const all = Array.from({ length: 40 }, (_, i) => (i % 10 === 9 ? { other: i } : { id: i, text: `number ${String(i)}` }));
    const order = [7, 3, 39, 38, 0, 12, 9, 8];
    expect(read(blockOf(all), all.length, order)).toEqual(order.map((index) => all[index]));
  });

  it('that others wrote are read though a name occurs twice, and refused where they end too soon', () => {
    const twice = Buffer.from([1, 0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2]);
    const short = Buffer.from([1, 0x82, 0xa1, 0x61, 1, 0xa1, 0x61]);
    const block = new BlockWriter();
    for (const item of [twice, short, twice]) block.add(item);
    const { values: found } = bytesForm(items).read([1, 3, 0, 0, block.cut(), undefined], 0);
    expect(found.take(0)).toEqual({ a: 2 });
    expect(() => found.take(1)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(found.take(2)).toEqual({ a: 2 });
  });

  it('may have a getter that writes another one', () => {
    const block = new BlockWriter();
    const write = (value: unknown): void => {
      items.encodeInto(block.items, value);
      block.end();
    };
    let inner = 0;
    write({
      get outer() {
        if (inner++ === 0) write({ inner: 1 });
        return 2;
      },
    });
    expect(read(block.cut(), 2)).toEqual([{ inner: 1 }, { outer: 2 }]);
  });

  it('that are none are as before in a block whose value was refused', () => {
    const block = new BlockWriter();
    items.encodeInto(block.items, { id: 1 });
    block.end();
    expect(() => items.encodeInto(block.items, { id: 2, call: () => 1 })).toThrow();
    block.rewind();
    items.encodeInto(block.items, { id: 3 });
    block.end();
    expect(read(block.cut(), 2)).toEqual([{ id: 1 }, { id: 3 }]);
  });
});
