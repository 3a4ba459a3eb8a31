import { describe, expect, it, vi } from 'vitest';

import { reportOf, run } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => 1 + i);

describe.each(['memory', 'threads'])('the sensor on %s', (transport) => {
  it('feeds a consumer by count and by time, a lossy queue, and none that is not ready', async () => {
    const outcome = await run('sensor', '--transport', transport, '--json');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const report = reportOf<{ batches: { readings: number[]; afterMs: number }[] }>(outcome);
    const worked = report.batches.flatMap(({ readings }) => readings);
    expect(worked).toEqual(upTo(23));
    // Ten make a batch, and fewer when their time is up, without another reading: the last ones, and others where a busy
    // machine is slow to take readings.
    const cut = report.batches.filter(({ readings }) => readings.length !== 10);
    expect(cut.filter(({ readings }) => readings.length > 10)).toEqual([]);
    expect(Math.max(...cut.map(({ afterMs }) => afterMs))).toBeGreaterThanOrEqual(490);
    expect(report).toMatchObject({
      transport,
      readings: 23,
      lossyHolds: [22, 23],
      notReadyHolds: 0,
      refused: 23,
      stoppedEmpty: { worked: [], told: ['onStop'], state: 'stopped' },
      stoppedAtEnd: { worked: upTo(13), told: ['onStop'], state: 'stopped' },
    });
  });
});

it('refuses an option of the sensor that cannot be', async () => {
  const { code, stderr } = await run('sensor', '--transport', 'pigeon');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^BAD_OPTION: .*--transport is "pigeon"/);
});
