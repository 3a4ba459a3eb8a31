import { describe, expect, it, vi } from 'vitest';

import { reportOf, run } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

describe.each(['memory', 'threads'])('the counting producer on %s', (transport) => {
  it('makes ten ahead, idles at no cost, and gives nothing stale', async () => {
    const outcome = await run('count', '--transport', transport, '--json');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const report = reportOf<{ idleCpuMs: number }>(outcome);
    expect(report).toMatchObject({ transport, madeAhead: 10, first: [0, 1], repetitions: 1000, right: 1000 });
    // The aim is 20 ms in 2 s.
    expect(report.idleCpuMs).toBeLessThan(60);
    expect(outcome.stdout).toContain('50 and 51 in 1,000 of 1,000 times');
  });
});

it('refuses an option of the counting producer that cannot be', async () => {
  const { code, stderr } = await run('count', '--repetitions', 'many');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^BAD_OPTION: .*--repetitions is "many"/);
});
