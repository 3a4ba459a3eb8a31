import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { bench, benchOn, main, node, run } from './bench.js';

describe('npm run bench', () => {
  it.each([
    ['process', ['bare-ring', 'event-iterator', 'effect-queue', 'it-pushable', 'pass-through', 'transform-stream'], ''],
    [
      'threads',
      ['raw-post-message', 'comlink', 'piscina', 'poolifier', 'tinypool', 'workerpool', 'threads.js', 'ringbuf.js'],
      'plain,chunks',
    ],
  ])(
    'compares in suite %s, and ends by itself',
    async (suite, contenders, scenarios) => {
      const { rows, ratios, ...rest } = await bench(suite, ...(scenarios === '' ? [] : ['--scenario', scenarios]));
      expect(rest.suite).toBe(suite);
      expect(rest.machine).toBeTypeOf('object');
      for (const contender of contenders)
        expect(ratios[`${suite}/plain/small/millrace:${contender}`], contender).toBeGreaterThan(0);
      for (const { min, median, max } of rows) {
        expect(min).toBeGreaterThan(0);
        expect(median).toBeGreaterThanOrEqual(min);
        expect(max).toBeGreaterThanOrEqual(median);
      }
    },
    60_000,
  );

  it('compares in suite redis between processes, by rates and by the time that a lone item takes', async () => {
    const { rows, ratios } = await bench('redis', '--only', 'millrace,bullmq,bee-queue,hand-written,bare-list,xadd', '--items', '50');
    for (const contender of ['bullmq', 'bee-queue', 'hand-written', 'redis-benchmark-xadd'])
      expect(ratios[`redis/off/medium/millrace:${contender}`], contender).toBeGreaterThan(0);
    for (const part of ['p50', 'p99']) expect(ratios[`redis/lone-${part}/medium/millrace:bare-list`], part).toBeGreaterThan(0);
    expect(rows.filter(({ median }) => !(median > 0))).toEqual([]);
  }, 180_000);

  it.each([
    ['chromium', /Chrome/],
    ['firefox', /firefox/],
  ])(
    'compares in suite browser, in a page of %s, and leaves nothing behind',
    async (browser, version) => {
      const temporary = await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-'));
      try {
        // What drives a browser wants the Node for the tools, which these tests run on.
        const env = { TMPDIR: temporary };
        const { rows, ratios, machine } = await benchOn(process.execPath, env, 'browser', '--browser', browser);
        expect(machine).toMatchObject({ browser: expect.stringMatching(version) as string });
        for (const payload of ['small', 'medium', 'large'])
          for (const contender of ['raw-post-message', 'comlink'])
            expect(ratios[`browser/plain/${payload}/millrace:${contender}`], contender).toBeGreaterThan(0);
        for (const payload of ['small', 'medium'])
          expect(ratios[`browser/chunks/${payload}/millrace:raw-post-message`]).toBeGreaterThan(0);
        expect(rows.filter(({ median }) => !(median > 0))).toEqual([]);
        expect(await readdir(temporary)).toEqual([]);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    },
    180_000,
  );

  it('refuses a suite that there is not, and says which there are', async () => {
    await expect(run(node, [main, '--suite', 'none'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('process|threads|redis|browser') as string,
    });
  });
});
