import { hasCode } from '@millrace/core';
import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { BlockReader, bytesForm, clone, decodeReason, encodeReason, Items, msgpack, packBlock } from '../../src/codec/index.ts';

const items = new Items();

/** What was read, or undefined where it could not be: in no other way may it fail. */
function read(bytes: Uint8Array): unknown {
  try {
    return items.decode(bytes).value;
  } catch (error) {
    if (!hasCode(error, 'VALUE_UNREADABLE')) throw error;
    return undefined;
  }
}

const shared = { n: 1 };
const cycle: unknown[] = [shared];
cycle.push(cycle, shared);
const buffer = new ArrayBuffer(16);
const samples: unknown[] = [
  { id: 1, ts: 1.7e12, payload: 'x'.repeat(50), list: [1, -1, 300, 1e9, 0.5] },
  new Map<unknown, unknown>([[{ a: 1 }, new Set([1, 'b'])]]),
  [new Date(0), new Date(-1), new Date(NaN), /a.b/giu, 2n ** 100n, -1n, Object(1), undefined],
  new TypeError('e', { cause: Object.assign(new Error('c'), { code: 'E', n: 1 }) }),
  [new Uint8Array(3), new Float64Array(2), new DataView(buffer, 2, 4), buffer, new Uint16Array(buffer)],
  cycle,
  Object.assign([, 1], { a: 2 }), // eslint-disable-line no-sparse-arrays
  '\ud800',
];

describe('bytes from outside', () => {
  it('are read or refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        read(bytes);
        read(Uint8Array.from([1, ...bytes]));
        read(Uint8Array.from([3, 0xff, 15, ...bytes]));
        read(Uint8Array.from([3, 0xff, 15, 0x41, 2, ...bytes]));
      }),
      { numRuns: 2000 },
    );
  });

  it('are read or refused where something that was written is damaged', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(3), (value, changes, lost) => {
        const bytes = items.encode(value, { trace: 'id' });
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        read(bytes);
        read(bytes.subarray(0, bytes.length - lost));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(samples.map((value, i) => [i, value] as const))('are refused where the end is missing, wherever: sample %d', (_, value) => {
    const bytes = items.encode(value);
    for (let length = 0; length < bytes.length; length++)
      expect(() => items.decode(bytes, 0, length), `${String(length)} of ${String(bytes.length)}`).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(() => items.decode(Uint8Array.from([...bytes, 0]))).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
  });

  it('reach no prototype', () => {
    const proto = [0xa9, ...Buffer.from('__proto__')];
    const polluted = [0x81, 0xa1, 0x70, 1];
    for (const bytes of [
      [1, 0x81, ...proto, ...polluted],
      // The same key, said at greater length.
      [1, 0x81, 0xd9, 9, ...proto.slice(1), ...polluted],
      [1, 0xde, 0, 1, ...proto, ...polluted],
      [2, ...Buffer.from('{"__proto__": {"p": 1}}')],
      [3, ...clone.encode(JSON.parse('{"__proto__": {"p": 1}}'))],
      [3, ...clone.encode(Object.defineProperty(new Error('e'), '__proto__', { value: { p: 1 }, enumerable: true }))],
    ]) {
      const got = read(Uint8Array.from(bytes)) as { p?: unknown };
      expect([Object.prototype, Error.prototype]).toContain(Object.getPrototypeOf(got));
      expect(Object.getOwnPropertyNames(got).some((key) => key.startsWith('__proto_'))).toBe(true);
      expect(got.p).toBeUndefined();
    }
    expect(({} as { p?: unknown }).p).toBeUndefined();
  });

  const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
  const v8 = (bytes: readonly number[]): Uint8Array => Uint8Array.from([3, 0xff, 15, ...bytes]);
  const sparse = (length: number): number[] => [0x61, ...varint(length), 0x40, 0, ...varint(length)];

  it('reserve no more memory than they pay for', () => {
    const huge = [0xff, 0xff, 0xff, 0xff];
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    for (const tag of [0xc6, 0xc9, 0xdb, 0xdd, 0xdf]) expect(read(Uint8Array.from([1, tag, ...huge, 0, 0, 0]))).toBeUndefined();
    // An array of which only the length is said, also where many others of that kind lie around it.
    expect(read(v8([0x41, 1, ...sparse(2 ** 25 - 1), 0x24, 0, 1]))).toBeUndefined();
    expect(read(v8([0x41, 99, ...Array.from({ length: 99 }, () => sparse(500_000)).flat(), 0x24, 0, 99]))).toBeUndefined();
    expect(read(v8(Array.from({ length: 4000 }, () => [0x41, ...varint(4000)]).flat()))).toBeUndefined();
    expect(read(v8([0x41, 2, ...[0, 1].flatMap(() => [0x7e, 0, ...varint(2 ** 32)]), 0x24, 0, 2]))).toBeUndefined();
    // One that is longer still costs nothing.
    expect((read(v8([0x41, 1, ...sparse(2 ** 32 - 1), 0x24, 0, 1])) as unknown[]).length).toBe(2 ** 32 - 1);
    expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });

  it('are refused by whoever writes as by whoever reads: nothing is put that nobody can take', () => {
    const { length } = items.decode(items.encode(new Array(1_000_000))).value as unknown[];
    expect(length).toBe(1_000_000);
    expect(() => items.encode(new Array(2_000_000))).toThrow(expect.objectContaining({ code: 'VALUE_NOT_CLONEABLE' }));
    const full = new Array<number>(1_500_000).fill(7);
    full[3] = -0;
    expect((items.decode(items.encode(full)).value as number[]).length).toBe(1_500_000);
  });

  it('are refused where they are words of msgpackr alone, or of its records', () => {
    for (const bytes of [
      [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1],
      [0xd4, 0x65, 0, 0x92, 0xa7, ...Buffer.from('valueOf'), 0xa0],
      [0xd6, 0x69, 0, 0, 0, 1, 0x90],
      [0xd4, 0x73, 0, 0x90],
      [0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0],
      [0xc7, 2, 0x74, 1, 0],
    ]) {
      const got = read(Uint8Array.from([1, ...bytes]));
      expect([undefined, { a: 1 }]).toContainEqual(got);
    }
  });

  it('are refused where they nest too deep', () => {
    for (const open of [[0x91], [0x81, 0xa1, 0x61], [0x9f, 0x91]]) {
      const bytes = Uint8Array.from([1, ...Array.from({ length: 100_000 }, () => open).flat(), 0xc0]);
      expect(read(bytes)).toBeUndefined();
    }
    for (const open of [[0x41, 1], [0x6f, 0x22, 1, 0x61], [0x3b], [0x27], [0x5c, 0x80, 2, 0, 0]])
      expect(read(v8([...Array.from({ length: 100_000 }, () => open).flat(), 0x30]))).toBeUndefined();
    expect(read(Uint8Array.from([1, 0x91, 0xa1, 0x61]))).toEqual(['a']);
  });

  it('are refused where another codec wrote them, or a later version of this', () => {
    for (const tag of [0, 4, 40, 63, 0x41, 0xc1]) expect(() => items.decode(Uint8Array.from([tag, 0xc0]))).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
  });
});

describe('MessagePack of other programs', () => {
  it.each<[string, number[], unknown]>([
    ['a map with keys that are no strings', [0x83, 1, 2, 0xa1, 0x61, 3, 0xc3, 4], { 1: 2, a: 3, true: 4 }],
    ['float 32', [0xca, 0x3f, 0x80, 0, 0], 1],
    ['8 and 16 bits with a sign', [0x92, 0xd0, 0x80, 0xd1, 0x80, 0], [-128, -32768]],
    ['64 bits that a number holds', [0x92, 0xcf, 0, 0, 0, 1, 0, 0, 0, 2, 0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], [2 ** 32 + 2, -2]],
    ['64 bits that no number holds', [0x92, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xd3, 0x80, 0, 0, 0, 0, 0, 0, 1], [2n ** 64n - 1n, -(2n ** 63n) + 1n]],
    ['a timestamp of 32 bits', [0xd6, 0xff, 0, 0, 0, 5], new Date(5000)],
    ['a timestamp with nanoseconds', [0xd7, 0xff, 0, 0x3d, 0x09, 0x04, 0, 0, 0, 1], new Date(1001)],
  ])('is read: %s', (_, bytes, value) => {
    expect(msgpack.decode(Uint8Array.from(bytes))).toEqual(value);
  });

  it('is what this codec writes for plain data', () => {
    const reader = new Unpackr({ useRecords: false, int64AsType: 'number' });
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.array(tie('value')),
        fc.dictionary(fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(plain, (value) => {
        const item = items.encode(value);
        fc.pre(item[0] === msgpack.id);
        expect(reader.unpack(Buffer.from(item.subarray(1)))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('headers', () => {
  it('travel beside the value, and are frozen', () => {
    const item = items.encode({ n: 1 }, { traceparent: '00-a', ключ: '\ud800' });
    const { value, headers } = items.decode(item);
    expect([value, headers]).toEqual([{ n: 1 }, { traceparent: '00-a', ключ: '\ud800' }]);
    expect(Object.isFrozen(headers)).toBe(true);
    expect(items.decode(items.encode(1)).headers).toBeUndefined();
  });

  it('are added to a value that waited', () => {
    const form = bytesForm(items);
    const block = form.open();
    block.add(form.fix({ n: 1 }), { headers: { a: 'b' } });
    block.add(form.fix({ n: 2 }), undefined);
    const { values } = form.read(block.cut(0, 0).block, 0);
    expect([values.take(0), values.headers(0), values.take(1), values.headers(1)]).toEqual([{ n: 1 }, { a: 'b' }, { n: 2 }, undefined]);
  });

  it.each([{ a: 1 }, [1], 'text', null])('that are no record of texts make the item unreadable: %j', (headers) => {
    const bytes = Buffer.from(JSON.stringify(headers));
    const item = Uint8Array.from([0x81, bytes.length, 0, 0, 0, ...bytes, 0xc0]);
    expect(read(item)).toBeUndefined();
  });
});

describe('a block', () => {
  const bytes = packBlock([[1, 0xc0], [9, 9], [1, 7]].map((item) => Uint8Array.from(item)));

  it('is a table of ends and the items', () => {
    expect([...bytes]).toEqual([2, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 1, 0xc0, 9, 9, 1, 7]);
    const reader = new BlockReader(bytes, 3);
    expect([0, 1, 2].map((i) => [...reader.item(i)])).toEqual([[1, 0xc0], [9, 9], [1, 7]]);
    expect(packBlock([]).length).toBe(0);
  });

  it('with one item that cannot be read gives the others', () => {
    const { values } = bytesForm(items).read([1, 3, 0, 0, bytes, undefined], 0);
    expect(values.take(0)).toBe(null);
    expect(() => values.take(1)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(values.take(2)).toBe(7);
  });

  it('that cannot be told into items has none that can be read', () => {
    for (const [wrong, count] of [[bytes, 2], [bytes, 4], [bytes.subarray(1), 3], [new Uint8Array(0), 1], [Uint8Array.from([9, 0, 0, 0]), 1]] as const) {
      const { values } = bytesForm(items).read([1, count, 0, 0, wrong, undefined], 0);
      for (let i = 0; i < count; i++) expect(() => values.take(i)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    }
  });

  it('of anything is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(8), (any, count) => {
        const { values } = bytesForm(items).read([1, count, 0, 0, any, undefined], 0);
        for (let i = 0; i < count; i++) {
          try {
            values.take(i);
          } catch (error) {
            if (!hasCode(error, 'VALUE_UNREADABLE')) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a reason', () => {
  it('keeps what an error has', () => {
    const error = Object.assign(new RangeError('no', { cause: new Error('below') }), { code: 'E_NO', at: new Date(1) });
    const got = decodeReason(encodeReason(error)) as typeof error;
    expect(got).toBeInstanceOf(RangeError);
    expect([got.message, got.stack, got.code, got.at, (got.cause as Error).message]).toEqual([error.message, error.stack, 'E_NO', new Date(1), 'below']);
    expect(decodeReason(encodeReason('in words'))).toBe('in words');
    expect(decodeReason(encodeReason(undefined))).toBeUndefined();
  });

  it('is told even if it cannot be carried, or not be read', () => {
    const error = Object.assign(new TypeError('no'), { help: { f: () => 1 } });
    expect(decodeReason(encodeReason(error))).toMatchObject({ name: 'TypeError', message: 'no', stack: error.stack });
    expect(decodeReason(encodeReason(() => 1))).toBeInstanceOf(Error);
    expect(decodeReason(new Uint8Array([7]))).toMatchObject({ code: 'VALUE_UNREADABLE' });
  });
});
