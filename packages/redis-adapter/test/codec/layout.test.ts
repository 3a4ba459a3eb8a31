import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { msgpack } from '../../src/codec/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const error = Object.assign(new TypeError('no', { cause: 'why' }), { code: 'E' });
error.stack = 'at';
const shared = { a: 1 };
const graph: unknown[] = [shared, shared];
graph.push(graph);
const { buffer } = new Uint8Array([1, 2, 3, 4]);

/** What lies in a server outlives the program that put it there: these bytes must stay what they are. */
const layout: [value: unknown, bytes: string][] = [
  [null, 'c0'],
  [[true, false], '92c3c2'],
  [[0, 127, 128, 256, 65536, 2 ** 32, -1, -32, -33, -(2 ** 31) - 1], '9a007fcc80cd0100ce00010000cf0000000100000000ffe0d2ffffffdfd3ffffffff7fffffff'],
  [[1.5, -0], '92cb3ff8000000000000cb8000000000000000'],
  ['aé', 'a361c3a9'],
  [{ a: 1, b: [undefined] }, '82a16101a16291d40000'],
  [new Uint8Array([1, 2]), 'c4020102'],
  [[new Date(1500), new Date(-1), new Date(NaN)], '93d7ff7735940000000001c70cff3b8b87c0ffffffffffffffffd40200'],
  [[255n, -16n], '92c900000002016666c900000003012d3130'],
  [new Map([['a', 1]]), 'c90000000303a16101'],
  [new Set([1, 'b']), 'c9000000030401a162'],
  [error, 'c90000002105a9547970654572726f72a26e6fa26174a56361757365a3776879a4636f6465a145'],
  [/a/gi, 'c90000000506a161a26769'],
  [Object('s'), 'c90000000207a173'],
  // eslint-disable-next-line no-sparse-arrays -- that is what it is about
  [Object.assign([, 1], { x: 2 }), 'c90000000608020101a17802'],
  [buffer, 'c9000000040901020304'],
  [new Int16Array([1, -1]), 'c9000000050a030100ffff'],
  [[new Uint8Array(buffer, 1, 2), new DataView(buffer)], 'c9000000240d92c90000000d0b000102c9000000040901020304c90000000a0b0b0004c9000000010e02'],
  ['\ud800', 'c9000000020c00d8'],
  [graph, 'c9000000130d9381a16101c9000000010e01c9000000010e00'],
];

describe('the layout', () => {
  it.each(layout)('of %o', (value, bytes) => {
    expect(hex(msgpack.encode(value))).toBe(bytes);
    const got = msgpack.decode(Buffer.from(bytes, 'hex'));
    expect(isDeepStrictEqual(got, value)).toBe(true);
    expect(hex(msgpack.encode(got))).toBe(bytes);
  });

  it('may say lengths in fewer bytes, as other programs do', () => {
    // A graph of an array that holds itself.
    const round = msgpack.decode(Buffer.from('c7050d91c7010e00', 'hex')) as unknown[];
    expect(round[0]).toBe(round);
  });
});
