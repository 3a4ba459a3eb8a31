import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Items, msgpack } from '../../src/codec/index.ts';

const items = new Items();
const roundTrip = (value: unknown): unknown => items.decode(items.encode(value)).value;

/** Equal in every respect that structured clone keeps, identities within included. */
function expectSame(got: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(got, wanted)) return;
  expect(got).toStrictEqual(wanted);
  throw new Error('not the same, although it looks so');
}

class Temperature {
  readonly degrees: number;
  #secret = 1;

  constructor(degrees: number) {
    this.degrees = degrees;
  }

  get secret(): number {
    return this.#secret;
  }
}

const shared = { at: 1 };
const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
const cycle: { name: string; self?: unknown; list: unknown[] } = { name: 'cycle', list: [] };
cycle.self = cycle;
cycle.list.push(cycle, cycle.list);
const selfMap = new Map<unknown, unknown>();
selfMap.set('self', selfMap).set(selfMap, 1);
const selfSet = new Set<unknown>([selfMap]);
selfMap.set('set', selfSet);
// eslint-disable-next-line no-sparse-arrays -- that is what it is about
const sparse = [, 1, , undefined, 3, ,];
const sparseWithField = Object.assign([1, 2], { note: 'kept' });
sparseWithField.length = 3;
const deep: Record<string, unknown> = {};
let inner = deep;
for (let depth = 0; depth < 500; depth++) inner = inner['in'] = {};

const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  NaN: NaN,
  'minus zero': [-0, { zero: -0 }],
  Infinity: [-Infinity, Infinity],
  'whole numbers at the edges of their widths': [
    0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64, 1e300,
  ].flatMap((n) => [n, -n, n + 1, -n - 1, n + 0.5]),
  bigints: [0n, 1n, -1n, 2n ** 63n, -(2n ** 64n), 2n ** 200n, -(3n ** 5000n)],
  strings: ['grüße \u{1f600}', '\u0000', 'ÿ'.repeat(40), 'é'.repeat(20), 'é'.repeat(23), '€'.repeat(100), 'a'.repeat(23), 'a'.repeat(24), 'a'.repeat(31), 'a'.repeat(32), 'a'.repeat(255), 'a'.repeat(256), 'aé'.repeat(127), 'é'.repeat(70_000)],
  'surrogates that stand alone': ['\ud800', 'a\udc00b', { '\ud800key': 1, ['\udfff'.repeat(40)]: '\ud800'.repeat(100) }],
  'an empty string': '',
  'an empty key': { '': 1 },
  'long and odd keys': { ['k'.repeat(300)]: 1, ключ: 2, 'a b': 3, '1': 4, '-1': 5 },
  booleans: [true, false],
  'plain data': { a: 1, b: 'two', c: [3, null, { d: undefined }], e: -0, f: NaN },
  'a Map': new Map<unknown, unknown>([
    ['a', 1],
    [{ key: 1 }, new Map([[NaN, -0]])],
  ]),
  'a Set': new Set<unknown>([1, 'a', { b: 1 }, new Set([undefined])]),
  Dates: [new Date(1e12), new Date(0), new Date(-1), new Date(999), new Date(-12345678), new Date(8.64e15), new Date(-8.64e15), new Date(2 ** 34 * 1000), new Date(2 ** 34 * 1000 - 1)],
  'no Date': new Date(NaN),
  RegExps: [/a(?<b>c)/giu, /\//y, new RegExp('[\u{1f600}--a]', 'v'), new RegExp('')],
  'boxed values': [Object(1), Object('a'), Object(true), Object(false), Object(1n), Object(-0), Object('\ud800')],
  'a sparse array': sparse,
  'a sparse array with a field': sparseWithField,
  'an array with a field': Object.assign([1, 2, 3], { note: 'kept', '-1': 0, '01': 1 }),
  'an empty array with a length': new Array(5),
  'a far item': Object.assign([], { 4294967294: 'far' }),
  'an array with as many fields as holes': Object.assign(new Array(2), { a: 1, b: 2 }),
  'a long array': Array.from({ length: 1000 }, (_, i) => ({ i })),
  'many numbers': Array.from({ length: 70_000 }, (_, i) => i),
  'many fields': Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`f${String(i)}`, i])),
  'an ArrayBuffer': buffer,
  'a DataView': new DataView(buffer, 2, 4),
  'two views on one buffer': [new Uint8Array(buffer, 1, 3), new Uint16Array(buffer)],
  'a window on a buffer': new Uint8Array(buffer, 2, 3),
  'no bytes': [new Uint8Array(0), new ArrayBuffer(0), new Float64Array(0)],
  'bytes at the edges of their widths': [255, 256, 65535, 65536].map((n) => new Uint8Array(n).fill(7)),
  'a cycle': cycle,
  'a Map in itself': selfMap,
  'what is shared within': { a: shared, b: [shared], c: new Map([[shared, shared]]) },
  'what is shared within, among many': [...Array.from({ length: 40 }, (_, i) => ({ i })), shared, shared],
  'all kinds, shared': [new Date(1), Object(1), /a/, new Set([1]), new Error('e'), buffer, sparse, new Float64Array([1]), Object.create(null)].flatMap((each: unknown) => [each, { each }]),
  'nested deep': deep,
  'an instance of a class': [new Temperature(36.6), new Temperature(37)],
  'an instance of a class with a tag of its own': new (class {
    [Symbol.toStringTag] = 'Map';
    field = 1;
  })(),
  'instances of classes that extend': [new (class extends Map<string, number> {})([['a', 1]]), new (class extends Array<number> {})(3), new (class extends Date {})(5)],
  'no prototype': Object.assign(Object.create(null) as object, { a: 1 }),
  'a field named __proto__': JSON.parse('{"__proto__": {"a": 1}, "b": {"__proto__": 2}, "constructor": {"prototype": 3}}'),
  'fields that a library might go by': { constructor: 'x', toJSON: 'y', hasOwnProperty: 1, length: 3, prototype: {}, buffer: [], a: { constructor: { name: 'Map' } } },
  'symbols as keys': { [Symbol('mark')]: { hidden: true }, seen: 1 },
  'fields that are not enumerable': Object.defineProperty({ seen: 1 }, 'hidden', { value: 1 }),
  'a getter': {
    get half() {
      return 0.5;
    },
  },
};
for (const Typed of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array])
  values[`a ${Typed.name}`] = new Typed([0, 1, 2, 200]);
values['a BigInt64Array'] = new BigInt64Array([-1n, 2n]);
values['a BigUint64Array'] = new BigUint64Array([1n, 2n ** 63n]);

describe('a value as bytes and back', () => {
  it.each(Object.keys(values))('is what structured clone makes of it: %s', (name) => {
    expectSame(roundTrip(values[name]), structuredClone(values[name]));
    expectSame(roundTrip([values[name], 'beside']), structuredClone([values[name], 'beside']));
  });

  const anything = fc.anything({
    maxDepth: 4,
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    stringUnit: 'binary',
    withObjectString: true,
  });

  it('is what structured clone makes of it, whatever it is', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expectSame(roundTrip(value), structuredClone(value));
      }),
      { numRuns: 3000 },
    );
  });

  it('is so for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 400 }), (text) => {
        expect(roundTrip({ [text]: text })).toEqual({ [text]: text });
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps what is shared, whatever is', () => {
    // Any graph: each node holds some of the others, by field, item, key or member.
    const graph = fc.array(fc.tuple(fc.constantFrom('object', 'array', 'map', 'set', 'error'), fc.array(fc.nat(30), { maxLength: 4 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(graph, (plan) => {
        const nodes = plan.map(([kind]): unknown =>
          kind === 'array' ? [] : kind === 'map' ? new Map() : kind === 'set' ? new Set() : kind === 'error' ? new Error('e') : {},
        );
        for (const [i, [, others]] of plan.entries())
          for (const [at, other] of others.entries()) {
            const node = nodes[i];
            const target = nodes[other % nodes.length];
            if (node instanceof Map) node.set(target, target);
            else if (node instanceof Set) node.add(target);
            else if (Array.isArray(node)) node.push(target);
            else Object.assign(node as object, { [`f${String(at)}`]: target });
          }
        expect(shape(roundTrip(nodes))).toEqual(shape(nodes));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps which is which', () => {
    const got = roundTrip(values['what is shared within']) as { a: object; b: object[]; c: Map<object, object> };
    expect(got.b[0]).toBe(got.a);
    expect(got.c.get(got.a)).toBe(got.a);
    const [bytes, words] = roundTrip(values['two views on one buffer']) as [Uint8Array, Uint16Array];
    expect(bytes.buffer).toBe(words.buffer);
    const round = roundTrip(cycle) as typeof cycle;
    expect(round.self).toBe(round);
    expect(round.list[1]).toBe(round.list);
  });

  it('gives bytes as a Uint8Array of their own, even where they were a Buffer', () => {
    const item = items.encode({ bytes: Buffer.from('from the pool') });
    const { bytes } = items.decode(item).value as { bytes: Uint8Array };
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(13);
    item.fill(0);
    expect(Buffer.from(bytes).toString()).toBe('from the pool');
  });

  it('lets nothing out of the memory that small Buffers share', () => {
    const before = Buffer.from('a secret of another request');
    const value = [Buffer.from('one'), Buffer.from('two')];
    value.push(value[0]!);
    expect(before.buffer).toBe(value[0]!.buffer);
    const bytes = items.encode(value);
    expect(Buffer.from(bytes).includes('secret')).toBe(false);
    const [one, two, again] = items.decode(bytes).value as Uint8Array[];
    expect([one, two].map((each) => Buffer.from(each!).toString())).toEqual(['one', 'two']);
    expect(again).toBe(one);
  });

  it('carries a window on a buffer without the rest, unless the rest is part of the value', () => {
    const large = new Uint8Array(100_000);
    expect(items.encode([large.subarray(5, 10), new Float64Array(large.buffer.slice(0, 16))]).length).toBeLessThan(100);
    const [part, whole] = roundTrip([large.subarray(5, 10), large]) as Uint8Array[];
    expect([part!.byteOffset, part!.length, whole!.length]).toEqual([5, 5, 100_000]);
    expect(part!.buffer).toBe(whole!.buffer);
  });

  it('may hold a getter that encodes something itself', () => {
    let within: unknown;
    const value = {
      a: shared,
      get b() {
        within = roundTrip([shared, shared, 'inner']);
        return 1;
      },
      c: shared,
    };
    expect(roundTrip(value)).toEqual({ a: { at: 1 }, b: 1, c: { at: 1 } });
    expect(within).toEqual([{ at: 1 }, { at: 1 }, 'inner']);
  });

  it('leaves nothing behind of a value that was refused', () => {
    expect(() => roundTrip([shared, shared, () => 1])).toThrow();
    expect(() => roundTrip([shared, () => 1])).toThrow();
    expect([...msgpack.encode([shared])]).toEqual([0x91, 0x81, 0xa2, 0x61, 0x74, 1]);
  });
});

/** A graph with each node in the place of its first visit, and numbers for later ones. */
function shape(value: unknown, seen: unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.includes(value)) return seen.indexOf(value);
  seen.push(value);
  if (value instanceof Map) return ['map', ...[...value].flat().map((each) => shape(each, seen))];
  if (value instanceof Set) return ['set', ...[...value].map((each) => shape(each, seen))];
  if (value instanceof Error) return ['error', value.message, ...Object.values(value).map((each) => shape(each, seen))];
  return Object.entries(value).map(([key, each]) => [key, shape(each, seen)]);
}
