import { describe, expect, it, vi } from 'vitest';

import { run } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

interface Report {
  readonly peers: { readonly shares: Readonly<Record<string, number>> };
}

describe.each(['memory', 'threads'])('the conversations on %s', (transport) => {
  const talk = async (...args: string[]) => {
    const outcome = await run('conversation', '--transport', transport, ...args, '--json');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const lines = outcome.stdout.trimEnd().split('\n');
    const report: Report = JSON.parse(lines.pop() ?? '');
    return { lines, report };
  };

  it('bring every DO to one child and its FINISHED back, and DIE stops all', async () => {
    const { lines, report } = await talk();
    const both = { primes: 17_984, done: 40, died: 5 };
    expect(report).toMatchObject({
      transport,
      children: 5,
      jobs: 40,
      upTo: 200_000,
      pipes: both,
      peers: { ...both, messages: 80, unprocessed: 0, putBack: 0, outstanding: 0 },
    });
    const shares = Object.values(report.peers.shares);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(40);
    // Each has done what was addressed to it, at least.
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
    expect(lines[0]).toBe(`A parent and 5 children, 40 jobs; transport ${transport}`);
    expect(lines[1]).toBe(
      'over a pipe each: 40 DO, as many FINISHED: 17,984 primes below 200,000; DIE stopped 5',
    );
    expect(lines[2]).toBe(
      'over peers: 40 DO, as many FINISHED: 17,984 primes below 200,000; DIE stopped 5',
    );
    expect(lines[3]).toMatch(/^who did them over peers: child-1 \d+, .*child-5 \d+$/);
  });

  it.each([
    ['one child', ['--children', '1', '--jobs', '3', '--up-to', '100'], 25],
    ['more children than jobs', ['--children', '9', '--jobs', '2', '--up-to', '10'], 4],
    ['nothing to count', ['--up-to', '0', '--jobs', '700'], 0],
  ])('work with %s', async (_, args, primes) => {
    const { report } = await talk(...args);
    expect(report).toMatchObject({ pipes: { primes }, peers: { primes } });
  });
});

describe('the options of the conversations', () => {
  it.each([
    [
      '--transport pigeon',
      /^BAD_OPTION: .*--transport is "pigeon"; it must be threads, ports, memory or redis/,
    ],
    ['--children 0', /^BAD_OPTION: .*--children is "0"/],
    ['--jobs many', /^BAD_OPTION: .*--jobs is "many"/],
  ])('refuses %s', async (args, message) => {
    const { code, stderr } = await run('conversation', ...args.split(' '));
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
