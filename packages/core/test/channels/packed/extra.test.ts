import { type BlockExtra, packBlock, unpackBlock } from '@millrace/core/channels';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { same, strings } from './values.js';

const items = fc.array(
  fc.record({
    value: fc.nat(),
    rich: fc.boolean(),
    headers: fc.option(fc.dictionary(strings, strings, { maxKeys: 3, noNullPrototype: true }), {
      nil: undefined,
    }),
  }),
  { maxLength: 10 },
);

/** What of a block's extra its items have from one index to before another one. */
function extraOf(
  block: readonly { rich: boolean; headers: Record<string, string> | undefined }[],
): BlockExtra | undefined {
  const rich = block.flatMap((item, i) => (item.rich ? [i] : []));
  const headers = block.flatMap((item, i) =>
    item.headers === undefined ? [] : [[i, item.headers] as const],
  );
  if (rich.length + headers.length === 0) return undefined;
  return { ...(rich.length > 0 ? { rich } : {}), ...(headers.length > 0 ? { headers } : {}) };
}

describe('the extra of a packed block', () => {
  it('comes with the items that it is about', () => {
    fc.assert(
      fc.property(items, fc.nat(10), fc.nat(10), (block, a, b) => {
        const values = block.map((item) => item.value);
        const bytes = packBlock(values, extraOf(block))!.slice();
        const from = Math.min(a, b, block.length);
        const to = Math.min(Math.max(a, b), block.length);
        const got = unpackBlock(bytes, from, to);
        same(got.values, values.slice(from, to));
        same(got.extra, extraOf(block.slice(from, to)));
      }),
    );
  });

  it('is undefined where there is none', () => {
    const extra: BlockExtra = { rich: [1], headers: [[3, { a: 'b' }]] };
    const bytes = packBlock([0, 1, 2, 3], extra)!.slice();
    expect(unpackBlock(bytes, 0, 1).extra).toBeUndefined();
    expect(unpackBlock(bytes, 1, 3).extra).toEqual({ rich: [0] });
    expect(unpackBlock(bytes, 2, 4).extra).toEqual({ headers: [[1, { a: 'b' }]] });
    expect(unpackBlock(bytes, 4, 4).extra).toBeUndefined();
  });

  it('may have the same headers on many items', () => {
    const headers = Object.freeze({ trace: 'é' });
    const extra: BlockExtra = {
      headers: [
        [0, headers],
        [2, headers],
      ],
    };
    const bytes = packBlock(['a', 'b', 'c'], extra)!.slice();
    expect(unpackBlock(bytes, 1, 3)).toEqual({
      values: ['b', 'c'],
      extra: { headers: [[1, { trace: 'é' }]] },
    });
  });
});
