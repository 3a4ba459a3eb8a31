import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { bench, type Report } from './bench.js';

const channels = ['millrace', 'millrace-shared-memory'];
const python =
  spawnSync('python3', ['-c', 'import multiprocessing.synchronize']).status === 0
    ? ['python-multiprocessing']
    : [];

/** Every one of ours has been compared with every one of the others, and every figure is one. */
function expectRatios(
  { rows, ratios }: Report,
  path: string,
  ours: readonly string[],
  others: readonly string[],
): void {
  const names = ours.flatMap((name) => others.map((other) => `threads/${path}/${name}:${other}`));
  expect(Object.keys(ratios)).toEqual(expect.arrayContaining(names));
  for (const name of names) expect(ratios[name], name).toBeGreaterThan(0);
  expect(rows.filter(({ median }) => !(median > 0))).toEqual([]);
}

describe('suite threads', () => {
  it('compares one worker with another', async () => {
    const report = await bench(
      'threads',
      '--items',
      '300',
      '--scenario',
      'worker-to-worker,worker-to-worker-chunks,accounting,accounting-ports',
    );
    for (const payload of ['small', 'medium', 'large'])
      expectRatios(report, `worker-to-worker/${payload}`, channels, [
        'raw-post-message',
        'batched-mesh',
        ...python,
      ]);
    for (const scenario of ['worker-to-worker', 'worker-to-worker-chunks'])
      expectRatios(report, `${scenario}/small`, channels, ['ringbuf.js']);
    expectRatios(report, 'worker-to-worker-chunks/medium', channels, ['batched-mesh']);
    for (const payload of ['small', 'medium']) {
      expectRatios(report, `accounting/${payload}`, ['millrace-shared-memory'], ['on-take']);
      expectRatios(report, `accounting-ports/${payload}`, ['millrace'], ['on-take']);
    }
  }, 60_000);

  it('compares four with four', async () => {
    const report = await bench(
      'threads',
      '--items',
      '300',
      '--scenario',
      'four-and-four,four-and-four-chunks',
    );
    for (const payload of ['small', 'medium', 'large'])
      expectRatios(report, `four-and-four/${payload}`, channels, [
        'batched-mesh',
        'batched-hub',
        ...python,
      ]);
    for (const payload of ['small', 'medium'])
      expectRatios(report, `four-and-four-chunks/${payload}`, channels, [
        'batched-mesh',
        'batched-hub',
      ]);
  }, 60_000);

  it('compares sizes from 8 bytes to 16 MiB', async () => {
    const report = await bench('threads', '--items', '6', '--scenario', 'sizes');
    for (const size of ['bytes-8', 'bytes-64', 'bytes-512', 'kib-4', 'kib-64', 'mib-1', 'mib-16'])
      expectRatios(
        report,
        `sizes/${size}`,
        [...channels, 'millrace-shared-memory-64-mib'],
        ['raw-post-message'],
      );
  }, 60_000);

  it('compares several producers', async () => {
    const report = await bench(
      'threads',
      '--items',
      '300',
      '--scenario',
      'producers-1,producers-4',
    );
    for (const count of [1, 4])
      expectRatios(report, `producers-${String(count)}/small`, channels, ['raw-post-message']);
  }, 60_000);

  it('compares what single items, threads and queues cost', async () => {
    const report = await bench(
      'threads',
      '--items',
      '3',
      '--scenario',
      'round-trip,start-up,idle,queues-1',
    );
    const libraries = [
      'raw-post-message',
      'comlink',
      'piscina',
      'poolifier',
      'tinypool',
      'workerpool',
      'threads.js',
    ];
    for (const scenario of ['round-trip-p50', 'round-trip-p99', 'start-up'])
      expectRatios(report, `${scenario}/small`, channels, libraries);
    expectRatios(report, 'idle/small', channels, ['raw-post-message']);
    expectRatios(report, 'queues-1/small', channels, ['raw-message-channel']);
  }, 60_000);

  it('compares the memory of queues', async () => {
    const { rows, ratios } = await bench('threads', '--items', '200', '--scenario', 'memory');
    for (const channel of channels)
      expect(ratios[`threads/memory-heap/small/${channel}:raw-message-channel`]).toBeGreaterThan(0);
    const resident = rows.filter(({ scenario }) => scenario === 'memory-resident');
    expect(resident.map(({ contender }) => contender)).toEqual(expect.arrayContaining(channels));
  }, 60_000);

  it('refuses a scenario that there is not, and says which there are', async () => {
    await expect(bench('threads', '--scenario', 'plain,none')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no scenario "none"; it has .*four-and-four/) as string,
    });
  });
});
