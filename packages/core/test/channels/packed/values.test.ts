import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  anything,
  bigints,
  carries,
  inSharedMemory,
  numbers,
  packed,
  primitives,
  same,
  strings,
  views,
} from './values.js';
import { unpackBlock } from '@millrace/core/channels';

/** Alike or not, whatever is put: each column's layout must hold up against any block. */
function holds(values: fc.Arbitrary<unknown>, maxLength = 8): void {
  fc.assert(
    fc.property(fc.array(values, { maxLength }), (block) => {
      carries(block.map((value) => structuredClone(value)));
    }),
  );
}

describe('the values of a packed block come out as they were', () => {
  it('numbers', () => {
    holds(numbers);
    holds(fc.integer());
    carries([1, -1, 2 ** 31 - 1, -(2 ** 31)]);
    carries([0, -0, NaN]);
  });

  it('strings', () => {
    holds(strings);
    holds(fc.string());
    holds(strings.map((text) => ({ text, also: `${text}é` })));
    // Each block has all its strings in one run, and each of these alone is one of the three forms of a run.
    for (const text of ['plain', 'né\u0080\u009f', '漢字\ud83d\ude00', '\ude00\ud83d', '\ufeff'])
      carries([text, text, '', text]);
  });

  it('halves of a surrogate pair that only become one side by side', () => {
    carries(['\ud83d', '\ude00', 'a']);
    carries([['\ud83d'], ['\ude00'], ['a']]);
  });

  it('bigints', () => {
    holds(bigints);
  });

  it('undefined, null and booleans', () => {
    holds(fc.constantFrom(undefined, null, true, false));
    holds(fc.constantFrom(undefined, 1));
  });

  it('bytes and other views of whole buffers, each with a buffer of its own', () => {
    holds(fc.uint8Array().map((bytes) => bytes.slice()));
    holds(views);
    const [read] = unpackBlock(inSharedMemory(packed([new Uint8Array([1, 2, 3])])!), 0, 1).values as [Uint8Array];
    expect(read.buffer).toBeInstanceOf(ArrayBuffer);
    const bytes = packed([new Uint8Array([1, 2, 3]), new Uint8Array([4])])!;
    const [first, second] = unpackBlock(bytes, 0, 2).values as [Uint8Array, Uint8Array];
    expect([first.buffer.byteLength, second.buffer.byteLength]).toEqual([3, 1]);
  });

  it('records with the same fields', () => {
    holds(
      fc.record({
        id: fc.nat(),
        ts: fc.double(),
        payload: fc.string(),
        flag: fc.boolean(),
        odd: primitives,
      }),
    );
    holds(fc.record({ id: fc.nat(), inner: fc.record({ a: fc.nat(), b: strings, c: anything }) }));
    holds(fc.record({ a: anything, b: anything }));
  });

  it('records with other fields, or in another order', () => {
    holds(fc.record({ a: fc.nat(), b: fc.string(), c: primitives }, { requiredKeys: [] }));
    carries([
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]);
    carries([{ a: 1, b: 2 }, { a: 1 }]);
    carries([{}, {}]);
    carries([{ a: 1 }, null, 1]);
  });

  it('keys of any kind', () => {
    const proto = JSON.parse('{"__proto__": {"x": 1}, "y": 2}') as unknown;
    carries([proto, proto]);
    expect(Object.keys(unpackBlock(packed([proto])!, 0, 1).values[0] as object)).toEqual([
      '__proto__',
      'y',
    ]);
    carries([{ 2: 'b', 1: 'a', '': 0, '\ud800': 1, constructor: 2, hasOwnProperty: 3 }]);
    carries(
      Array.from({ length: 3 }, (_, i) =>
        Object.fromEntries(Array.from({ length: 100 }, (_, k) => [`key${k}`, i])),
      ),
    );
  });

  it('anything nested', () => {
    holds(anything);
  }, 120_000);

  it('an object without a prototype gets the usual one, as from structured clone', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    const bytes = packed([bare, [bare]])!;
    same(unpackBlock(bytes, 0, 2).values, [{ a: 1 }, [{ a: 1 }]]);
  });

  it('values 60 deep', () => {
    let list: unknown = 1;
    let record: unknown = 1;
    for (let i = 0; i < 60; i++) {
      list = [list];
      record = { record };
    }
    carries([list, record]);
    carries([record, record]);
  });

  it('blocks beyond the first scratch buffer, and the ones after them', () => {
    const rows = Array.from({ length: 256 }, (_, i) => ({ id: i, payload: `${i}`.repeat(300) }));
    carries(rows, [
      [0, 256],
      [100, 101],
    ]);
    carries(
      rows.map((row) => [row]),
      [
        [0, 256],
        [100, 101],
      ],
    );
    carries([new Uint8Array(200_000).fill(7)]);
    const large = packed([new Uint8Array(4_000_000).fill(9), 'x'.repeat(500_000)], 5_000_000)!;
    same(unpackBlock(large, 0, 2).values, [new Uint8Array(4_000_000).fill(9), 'x'.repeat(500_000)]);
    carries([1, 2, 3]);
  });

  it('bytes that do not begin at a multiple of 8', () => {
    const values = [
      { a: 1.5, b: 'x' },
      { a: 2.5, b: 'y' },
    ];
    const bytes = packed(values)!;
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    same(unpackBlock(shifted.subarray(3), 1, 2).values, [values[1]]);
  });
});
