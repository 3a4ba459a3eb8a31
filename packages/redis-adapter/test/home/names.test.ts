import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { IterableQueue } from '@millrace/core';
import { redis, topic } from '@millrace/redis-adapter';

import { queueKey } from '../../src/queue/names.js';
import { sharedServer } from '../support/servers.ts';

const PREFIX = 'millrace:';
const key = (table: string, dish: string): string => queueKey(PREFIX, topic(table, dish));

/** Names that look like what joins, quotes or escapes them, of any length, lone surrogates among them. */
const hostile = fc.oneof(
  fc.constantFrom('', ' ', ':', '{', '}', '{}', '}{', '"', '\\', '","', '["', '"]', '%', '%7B', '\0', '\n', 'q:', 'h:', '\ud800', '\udc00', '\\ud800', '\u00fc', 'u\u0308', '🍲'),
  fc.array(fc.constantFrom('{', '}', ':', ' ', '"', ',', '\\', '[', ']', '%', '\ud83c', '\udf72', 'a', '\u00fc'), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('x', '{', '\ud800', 'é').chain((unit) => fc.integer({ min: 9998, max: 10_000 }).map((length) => unit.repeat(length))),
);
const pair = fc.tuple(hostile, hostile);

/** Pairs that differ by where they are cut, which is how joined names have been mistaken for each other. */
const alike = fc.tuple(hostile, hostile, hostile, fc.constantFrom('', ':', ' ', '","', '{', '}')).map(
  ([a, b, c, by]): [[string, string], [string, string]] => [
    [a + by + b, c],
    [a, b + by + c],
  ],
);

describe('the key of a topic', () => {
  it('is shared by no other table and dish', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(pair, pair), alike), ([[table, dish], [otherTable, otherDish]]) => {
        const same = table === otherTable && dish === otherDish;
        expect(key(table, dish) === key(otherTable, otherDish)).toBe(same);
      }),
      { numRuns: 3000 },
    );
  });

  it('is shared by no other queue whose name could be taken for a topic', () => {
    fc.assert(
      fc.property(pair, hostile, ([table, dish], name) => {
        fc.pre(name !== topic(table, dish));
        expect(queueKey(PREFIX, name)).not.toBe(key(table, dish));
      }),
      { numRuns: 1000 },
    );
  });

  it('has one hash tag, whatever the names hold, and is short', () => {
    fc.assert(
      fc.property(pair, ([table, dish]) => {
        const made = key(table, dish);
        expect(made).toMatch(/^millrace:\{[^{}]+\}$/);
        expect(made.length).toBeLessThan(300);
        // As bytes it is what it is as text: nothing in it is replaced on its way.
        expect(Buffer.from(made).toString()).toBe(made);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [['a:b', 'c'], ['a', 'b:c']],
    [['', 'ab'], ['ab', '']],
    [['a b', 'c'], ['a', 'b c']],
    [['\ud800', ''], ['\\ud800', '']],
    [['\ud800', ''], ['\ufffd', '']],
    [['\u00fc', ''], ['u\u0308', '']],
  ])('tells %j from %j', ([table = '', dish = ''], [otherTable = '', otherDish = '']) => {
    expect(key(table, dish)).not.toBe(key(otherTable, otherDish));
  });
});

it('keeps the items of topics with hostile names apart', async () => {
  const names = ['', ' ', ':', '{', '}', '{a}', 'a:b', 'a', 'b', '"', '\ud800', '\\ud800', '\0', '\u00fc', 'u\u0308', 'x'.repeat(10_000), 'x'.repeat(9999)];
  const { url } = await sharedServer();
  const transport = redis({ url, prefix: `names-${String(process.pid)}:` });
  try {
    const queues = names.flatMap((table) => ['', ':b', names.at(-1) ?? ''].map((dish) => [table, dish] as const)).map((pair) => {
      return { pair, queue: new IterableQueue<readonly string[]>({ transport, name: topic(...pair) }) };
    });
    await Promise.all(
      queues.map(async ({ pair, queue }) => {
        const producer = queue.producer();
        await producer.put(pair);
        await producer.close();
        queue.close();
      }),
    );
    for (const { pair, queue } of queues) {
      const found = [];
      for await (const item of queue.consumer()) found.push(item);
      expect(found).toEqual([pair]);
    }
  } finally {
    await transport.close();
  }
}, 60_000);
