import { describe, expect, it } from 'vitest';

import { judge, Ledger } from '../src/ledger.js';
import { payloadNamed } from '../src/payloads.js';

/** What consumers note that see these items, of `total` from two producers. */
const noted = (total: number, ...seen: readonly (readonly number[])[]) =>
  seen.map((indices) => {
    const ledger = new Ledger(payloadNamed('small'), total, 2, seen.length);
    for (const index of indices) ledger.see(index);
    return ledger.page();
  });

describe('what consumers note', () => {
  it('makes a rate when each item came once, whoever had it', () => {
    expect(judge(noted(6, [0, 1, 5], [2, 4, 3]), 6, 2)).toBeGreaterThan(0);
  });

  it('tells of an item that was lost', () => {
    expect(() => judge(noted(6, [0, 1], [2, 4, 3]), 6, 0)).toThrow('1 of 6 items were lost');
  });

  it('tells of an item that came to two consumers', () => {
    expect(() => judge(noted(6, [0, 1, 5], [2, 4, 3, 5]), 6, 0)).toThrow(
      '1 of 6 items came more than once',
    );
  });

  it('tells of what nobody put', () => {
    expect(() => noted(6, [6])).toThrow('that was not put');
  });

  it('tells of disorder where one consumer has all', () => {
    expect(() => noted(6, [0, 4, 1, 2])).toThrow('Item 2 came after item 4');
    expect(() => noted(6, [1, 3, 0, 2])).not.toThrow();
  });
});
