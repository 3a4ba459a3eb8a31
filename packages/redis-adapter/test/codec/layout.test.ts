import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clone, Items, json, msgpack } from '../../src/codec/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const error = Object.assign(new TypeError('no', { cause: 'why' }), { code: 'E' });
error.stack = 'at';
const shared = { a: 1 };
const graph: unknown[] = [shared, shared];
graph.push(graph);
const { buffer } = new Uint8Array([1, 2, 3, 4]);

/** What lies in a server outlives the program that put it there: these bytes must stay what they are. */
const plain: [value: unknown, bytes: string][] = [
  [null, 'c0'],
  [[true, false], '92c3c2'],
  [
    [0, 127, 128, 256, 65536, 2 ** 32, -1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31) - 1],
    '9e007fcc80cd0100ce00010000cb41f0000000000000ffe0d0dfd080d1ff7fd18000d2ffff7fffcbc1e0000000200000',
  ],
  [[1.5, NaN, -Infinity], '93cb3ff8000000000000cb7ff8000000000000cbfff0000000000000'],
  ['aé', 'a361c3a9'],
  ['x'.repeat(32), `d920${'78'.repeat(32)}`],
  [{ a: 1, b: [undefined] }, '82a16101a16291d40000'],
  [Array.from({ length: 16 }, () => 0), `dc0010${'00'.repeat(16)}`],
  [Object.fromEntries(Array.from('abcdefghijklmnop', (key) => [key, 0])), `de0010${Array.from('abcdefghijklmnop', (key) => `a1${hex(Buffer.from(key))}00`).join('')}`],
  [new Uint8Array([1, 2]), 'c4020102'],
];

/** V8 may write the same in another version one day: what it wrote in this one must stay readable. */
const rich: [value: unknown, bytes: string][] = [
  [-0, 'ff0f41014e0000000000000080240001'],
  [[new Date(1500), new Date(NaN)], 'ff0f4101410244000000000070974044000000000000f87f240002240001'],
  [[255n, -16n], 'ff0f410141025a10ff000000000000005a111000000000000000240002240001'],
  [new Map([['a', 1]]), 'ff0f41013b22016149023a02240001'],
  [new Set([1, 'b']), 'ff0f41012749022201622c02240001'],
  [
    error,
    'ff0f41026f7b00410141025e016f22046e616d652209547970654572726f7222076d65737361676522026e6f2205737461636b2202617422036f776e4102410222056361757365220377687924000241022204636f64652201452400022400027b04240002240001240002',
  ],
  [/a/gi, 'ff0f41015222016103240001'],
  [Object('s'), 'ff0f410173220173240001'],
  // eslint-disable-next-line no-sparse-arrays -- that is what it is about
  [Object.assign([, 1], { x: 2 }), 'ff0f41016102490249022201784904400202240001'],
  [buffer, 'ff0f4101420401020304240001'],
  [new Int16Array([1, -1]), 'ff0f41015c03040100ffff240001'],
  [[new Uint8Array(buffer, 1, 2), new DataView(buffer)], 'ff0f410141025c800201024204010203045c8b0200045e03240002240001'],
  ['\ud800', 'ff0f4101630200d8240001'],
  [graph, 'ff0f410141036f22016149027b015e025e01240003240001'],
];

describe('the layout', () => {
  it.each(plain)('of %o, in any language', (value, bytes) => {
    expect(hex(new Items().encode(value))).toBe(`01${bytes}`);
    expect(isDeepStrictEqual(msgpack.decode(Buffer.from(bytes, 'hex')), value)).toBe(true);
    expect(hex(msgpack.encode(value))).toBe(bytes);
  });

  it.each(rich)('of %o, in JavaScript', (value, bytes) => {
    expect(new Items().encode(value)[0]).toBe(clone.id);
    const got = clone.decode(Buffer.from(bytes, 'hex'));
    expect(isDeepStrictEqual(got, value)).toBe(true);
    expect(isDeepStrictEqual(clone.decode(clone.encode(got)), value)).toBe(true);
  });

  it('has headers before the value, as JSON', () => {
    const text = '{"a":"b"}';
    expect(hex(new Items().encode(1, { a: 'b' }))).toBe(`81${hex(Buffer.from([text.length, 0, 0, 0]))}${hex(Buffer.from(text))}01`);
    expect(hex(new Items({ codec: json }).encode(1))).toBe(`02${hex(Buffer.from('1'))}`);
  });

  it('of a version of V8 that is to come is unreadable, and is said to be', () => {
    const item = Buffer.from(new Items().encode(new Date(0)));
    item[2] = 99;
    expect(() => new Items().decode(item)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    item[2] = 12;
    expect(() => new Items().decode(item)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
  });
});
