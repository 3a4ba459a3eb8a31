import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { freePort, type RedisServer, serverArgs, startRedis } from './redis.js';
import { type Outcome, reportOf, run, type Running, start } from './run.js';

// Each worker is a process, which takes its time where many start at once.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

let redis: RedisServer;
/** Where the programs keep their files. */
const temp = mkdtempSync(path.join(os.tmpdir(), 'millrace-examples-test-'));

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  rmSync(temp, { recursive: true });
});

function startOver(program: string, args: string): Running {
  const own = ['--transport', 'redis', ...serverArgs(redis), '--json'];
  return start(program, [...own, ...args.split(' ').filter((arg) => arg !== '')], { TMPDIR: temp });
}

/** What a program has left is found at once: its outcome is there only when its workers, which write to its stdout, are gone. */
async function expectNothingLeft(): Promise<void> {
  expect(await redis.keys()).toEqual([]);
  expect(readdirSync(temp)).toEqual([]);
}

async function over(program: string, args = ''): Promise<Outcome> {
  const outcome = await startOver(program, args).outcome;
  await expectNothingLeft();
  return outcome;
}

const perfect = { lost: 0, duplicated: 0, unmarkedDuplicates: 0, unconfirmed: 0, killed: 0 };

describe('the main job over Redis', () => {
  it.each([
    ['--producers 3 --consumers 2', 3, 2, 5000],
    ['--producers 1 --consumers 1 --capacity 1', 1, 1, 200],
    ['--producers 2 --consumers 3 --capacity 2', 2, 3, 200],
    ['--producers 2 --consumers 2', 2, 2, 0],
    // It has ended before its consumers, which are on their way to their processes, can hear of it.
    ['--producers 0 --consumers 2', 0, 2, 0],
  ])('takes every item once and ends: %s', async (args, producers, consumers, items) => {
    const outcome = await over('main-job', `${args} --items ${String(items)}`);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    expect(reportOf(outcome)).toMatchObject({
      ...{ transport: 'redis', producers, consumers, items, offered: items, put: items, taken: items, stopped: null },
      ...perfect,
    });
  });

  it('loses nothing while worker processes are killed', async () => {
    const outcome = await over('main-job', '--producers 2 --consumers 2 --items 2000 --work-ms 2 --kill-every-ms 1500');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    const report = reportOf(outcome);
    expect(report).toMatchObject({ offered: 2000, lost: 0, unmarkedDuplicates: 0 });
    expect(report.killed).toBeGreaterThan(0);
    expect(report.taken).toBe(report.put);
    expect(report.put + report.unconfirmed - report.unconfirmedTaken).toBe(2000);
    expect(report.duplicated).toBeLessThanOrEqual(report.inHandAtKill);
  });

  it('works off what was put when it is told to stop', async () => {
    const job = startOver('main-job', '--work-ms 1 --items 10000000 --producers 2 --consumers 2');
    await job.says(/[1-9]\d* taken/);
    job.kill('SIGTERM');
    const outcome = await job.outcome;
    expect(outcome, outcome.stderr).toMatchObject({ code: 143, signal: null });
    const report = reportOf(outcome);
    expect(report).toMatchObject({ ...perfect, stopped: 'SIGTERM' });
    expect(report.put).toBeGreaterThan(0);
    expect(report.taken).toBe(report.put);
    await expectNothingLeft();
  });

  it('leaves no file when it is ended at once', async () => {
    const job = startOver('main-job', '--work-ms 1 --items 10000000 --producers 1 --consumers 1');
    await job.says(/[1-9]\d* taken/);
    expect(readdirSync(temp)).toHaveLength(1);
    job.kill('SIGTERM');
    await job.says(/SIGTERM: /);
    job.kill('SIGINT');
    expect(await job.outcome).toMatchObject({ code: 130 });
    expect(readdirSync(temp)).toEqual([]);
    // Its queue goes with the leases of its processes.
    for (const key of await redis.keys()) expect(key).toMatch(/^millrace:\{(?:x:|temporary\})/);
    await redis.clear();
  });

  it('says so when there is no server', async () => {
    const url = `redis://127.0.0.1:${String(await freePort())}`;
    const { code, stdout, stderr } = await run('main-job', '--transport', 'redis', '--redis-url', url, '--connect-ms', '2000');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^17 producers, .*\n$/);
    expect(stderr).toMatch(/^CONNECTION_FAILED: No connection to 127\.0\.0\.1:\d+: .*\n$/);
  });
});

describe('other examples over Redis', () => {
  it.each([
    ['with room for all', '--consumers 2'],
    ['at capacity 1', '--consumers 2 --capacity 1'],
  ])('the crawler crawls every page once and ends, %s', async (_, args) => {
    const outcome = await over('crawler', args);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(outcome)).toMatchObject({ transport: 'redis', pages: 1000, crawled: 1000, missed: 0, repeated: 0 });
  });

  it('the counting producer gives nothing stale', async () => {
    const outcome = await over('count', '--repetitions 100 --idle-ms 0');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(outcome)).toMatchObject({ transport: 'redis', madeAhead: 10, first: [0, 1], repetitions: 100, right: 100 });
  });

  it('the sensor feeds a consumer, a lossy queue, and none that is not ready', async () => {
    const outcome = await over('sensor');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
    const report = reportOf<{ batches: { readings: number[] }[] }>(outcome);
    expect(report.batches.flatMap(({ readings }) => readings)).toEqual(upTo(23));
    expect(report).toMatchObject({
      ...{ transport: 'redis', readings: 23, lossyHolds: [22, 23], notReadyHolds: 0, refused: 23 },
      stoppedEmpty: { worked: [], told: ['onStop'], state: 'stopped' },
      stoppedAtEnd: { worked: upTo(13), told: ['onStop'], state: 'stopped' },
    });
  });

  it('parent and children have their conversations', async () => {
    const outcome = await over('conversation', '--children 2 --jobs 10');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(outcome)).toMatchObject({
      pipes: { primes: 17_984, done: 10, died: 2 },
      peers: { primes: 17_984, done: 10, died: 2, unprocessed: 0, putBack: 0, outstanding: 0 },
    });
  });

  it('telemetry links work to what was sent', async () => {
    const outcome = await over('telemetry', '--tables 2');
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const { spans } = reportOf<{ spans: { kind: string; items: number; links: { spanId: string }[]; spanId: string }[] }>(outcome);
    const sent = spans.filter(({ kind }) => kind === 'PRODUCER');
    const worked = spans.filter(({ kind }) => kind === 'CONSUMER');
    expect(sent).toHaveLength(2);
    expect(worked.reduce((sum, { items }) => sum + items, 0)).toBe(6);
    expect(new Set(worked.flatMap(({ links }) => links.map(({ spanId }) => spanId)))).toEqual(new Set(sent.map(({ spanId }) => spanId)));
  });
});
