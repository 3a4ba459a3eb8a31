import { addExtension, pack, Packr, unpack, Unpackr } from 'msgpackr';
import { isNativeAccelerationEnabled } from 'msgpackr/index-no-eval';
import { describe, expect, it } from 'vitest';
import { Items, msgpack } from '../../src/codec/index.ts';

const items = new Items();
const value = { id: 1, text: 'grüße', list: [1.5, { b: new Uint8Array([1, 2]) }], long: 'x'.repeat(300) };

describe('msgpackr, used by the program for itself', () => {
  it('has extensions that do not reach what is put, nor lacks any of its own', () => {
    const before = items.encode(value);
    class Point {
      readonly x = 1;
    }
    addExtension({ Class: Point, type: 1, pack: () => Buffer.from([1]), unpack: () => new Point() });
    addExtension({ Class: Uint8Array, type: 2, pack: () => Buffer.from([2]), unpack: () => 'not bytes' });
    expect(unpack(pack(new Point()))).toBeInstanceOf(Point);
    expect(Buffer.compare(items.encode(value), before)).toBe(0);
    expect(items.decode(before).value).toEqual(value);
    expect(() => msgpack.decode(pack(new Point()))).toThrow();
    const rich = new Packr({ moreTypes: true, structuredClone: true });
    expect(rich.unpack(rich.pack(new Set([1])))).toEqual(new Set([1]));
  });

  it('writes to its own space, also while a value is put', () => {
    const mine = pack({ mine: true });
    const got = {
      get within() {
        return [...pack('within')];
      },
    };
    expect(items.decode(items.encode(got)).value).toEqual({ within: [...pack('within')] });
    for (let i = 0; i < 1000; i++) items.encode(value);
    expect(unpack(mine)).toEqual({ mine: true });
    const records = new Packr();
    expect(new Unpackr().unpack(records.pack([{ a: 1 }, { a: 2 }]))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('may have its native addon, which is not used for what is put', () => {
    expect(isNativeAccelerationEnabled).toBe(false);
  });
});
