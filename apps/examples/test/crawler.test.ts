import { describe, expect, it, vi } from 'vitest';

import { reportOf, run } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

describe.each(['memory', 'threads'])('the crawler on %s', (transport) => {
  const crawl = (...args: string[]) => run('crawler', '--transport', transport, ...args);

  it.each([
    ['with room for all', ['--capacity', '1024'], 4],
    ['at capacity 1', ['--capacity', '1'], 4],
    ['alone at capacity 1', ['--capacity', '1', '--consumers', '1'], 1],
    ['with many at capacity 2', ['--capacity', '2', '--consumers', '16'], 16],
  ])('crawls every page once and ends, %s', async (_, args, consumers) => {
    const outcome = await crawl(...args, '--json');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(outcome)).toMatchObject({
      transport,
      consumers,
      pages: 1000,
      crawled: 1000,
      missed: 0,
      repeated: 0,
    });
  });

  it('crawls in place only what finds no room', async () => {
    expect(reportOf(await crawl('--json')).crawledInPlace).toBe(0);
    const narrow = reportOf(await crawl('--capacity', '1', '--json'));
    expect(narrow.crawledInPlace).toBeGreaterThan(0);
  });
});

describe('the options of the crawler', () => {
  it.each([
    [
      '--transport pigeon',
      /^BAD_OPTION: .*--transport is "pigeon"; it must be threads, ports, memory or redis/,
    ],
    ['--consumers 0', /^BAD_OPTION: .*--consumers is "0"/],
    ['--capacity NaN', /^BAD_OPTION: .*--capacity is "NaN"/],
    ['--items 3', /^BAD_OPTION: .*--items/],
  ])('refuses %s', async (args, message) => {
    const { code, stderr } = await run('crawler', ...args.split(' '));
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
