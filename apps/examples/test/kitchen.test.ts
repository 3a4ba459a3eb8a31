import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type RedisServer, serverArgs, startRedis } from './redis.js';
import { type Outcome, reportOf, run, type Running, start } from './run.js';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis[Symbol.asyncDispose]());

interface Sum {
  readonly dish: string;
  readonly cooked: number;
  readonly eaten: number;
  readonly ofOthers: number;
  readonly again: number;
  readonly redelivered: number;
  readonly missing: number;
  readonly left: number;
}

function open(...args: string[]): Running {
  return start('kitchen', [...serverArgs(redis), '--json', ...args]);
}

function sums(outcome: Outcome): readonly [soup: Sum, cake: Sum] {
  expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
  return reportOf<{ topics: [Sum, Sum] }>(outcome).topics;
}

const clean = { again: 0, redelivered: 0, missing: 0, left: 0 };

describe('the kitchen', () => {
  it('cooks and eats two dishes at their own rhythms, and ends when its cooks are done', async () => {
    const outcome = await open('--table', 'one', '--dishes', '12').outcome;
    expect(sums(outcome)).toEqual([
      { dish: 'soup', cooked: 24, eaten: 24, ofOthers: 0, ...clean },
      { dish: 'cake', cooked: 12, eaten: 12, ofOthers: 0, ...clean },
    ]);
    expect(reportOf(outcome)).toMatchObject({ role: 'all', table: 'one', stopped: null });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('eats what is there at %s, and ends', async (signal) => {
    const kitchen = open('--table', signal);
    await kitchen.says(/soup: [1-9].* cooked, [1-9].* eaten.*cake: [1-9].* cooked, [1-9].* eaten/);
    kitchen.kill(signal);
    const outcome = await kitchen.outcome;
    expect(reportOf(outcome)).toMatchObject({ stopped: signal });
    for (const { cooked, eaten, dish, ...rest } of sums(outcome)) {
      expect(rest, dish).toEqual({ ofOthers: 0, ...clean });
      // A cook who was told to stop does not say whether the last dish has still got to the table.
      expect(eaten, dish).toBeGreaterThanOrEqual(cooked);
      expect(eaten - cooked, dish).toBeLessThanOrEqual(2);
    }
  });

  it('keeps what was cooked for customers who come later, elsewhere', async () => {
    const table = '{by: hand} "ü"';
    const cooked = sums(await open('--role', 'cook', '--table', table, '--dishes', '9').outcome);
    expect(cooked).toMatchObject([
      { dish: 'soup', cooked: 18, eaten: 0, left: 18 },
      { dish: 'cake', cooked: 9, eaten: 0, left: 9 },
    ]);

    const customers = open('--role', 'customer', '--table', table);
    await customers.says(/soup: .* 18 eaten, .*cake: .* 9 eaten/);
    customers.kill('SIGTERM');
    expect(sums(await customers.outcome)).toEqual([
      { dish: 'soup', cooked: 0, eaten: 18, ofOthers: 18, ...clean },
      { dish: 'cake', cooked: 0, eaten: 9, ofOthers: 9, ...clean },
    ]);

    expect(sums(await open('--table', table, '--dishes', '0').outcome)).toMatchObject([{ eaten: 0 }, { eaten: 0 }]);
  });

  it('serves nobody at another table', async () => {
    await open('--role', 'cook', '--table', 'a:b', '--dishes', '2').outcome;
    const others = sums(await open('--table', 'a', '--dishes', '1').outcome);
    expect(others).toMatchObject([
      { eaten: 2, ofOthers: 0, left: 0 },
      { eaten: 1, ofOthers: 0, left: 0 },
    ]);
  });

  it('refuses a role that there is not', async () => {
    const { code, stderr } = await run('kitchen', '--role', 'waiter');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^BAD_OPTION: .*--role is "waiter"; it must be all, cook or customer/);
  });
});
