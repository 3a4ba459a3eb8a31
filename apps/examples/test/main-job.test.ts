import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { type Outcome, reportOf, run, start } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

const perfect = { lost: 0, duplicated: 0, unmarkedDuplicates: 0, unconfirmed: 0, killed: 0 };

function demo(transport: string, args: string): Promise<Outcome> {
  return run('main-job', '--transport', transport, ...args.split(' '));
}

describe.each(['memory', 'threads'])('the main job on %s', (transport) => {
  it.each([
    ['', 17, 13, 20_000],
    ['--producers 1 --consumers 1 --capacity 1 ', 1, 1, 1000],
    ['--producers 3 --consumers 13 --capacity 1 ', 3, 13, 1000],
    ['--producers 17 --consumers 1 --capacity 2 ', 17, 1, 1000],
    ['--producers 64 --consumers 64 ', 64, 64, 1000],
    ['--producers 5 --consumers 2 ', 5, 2, 3],
  ])('takes every item once and ends: %s', async (args, producers, consumers, items) => {
    const outcome = await demo(transport, `${args}--items ${String(items)} --json`);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    const report = reportOf(outcome);
    expect(report).toMatchObject({ transport, producers, consumers, items, ...perfect });
    expect(report).toMatchObject({ offered: items, put: items, taken: items, stopped: null });
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.itemsPerSecond).toBeGreaterThan(0);
  });

  it.each([
    '--producers 0 --consumers 3',
    '--items 0 --producers 2 --consumers 2',
    '--items 0 --producers 2 --consumers 0',
    '--producers 0 --consumers 0',
  ])('ends where there is nothing to do: %s', async (args) => {
    const outcome = await demo(transport, `${args} --json`);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    expect(reportOf(outcome)).toMatchObject({ items: 0, put: 0, taken: 0, ...perfect });
  });

  it('sums up for people', async () => {
    const { code, stdout } = await demo(transport, '--producers 2 --consumers 1 --items 1000');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 producers, 1 consumer, 1,000 items; /);
    expect(stdout).toMatch(/^ +put +1,000$/m);
    expect(stdout).toMatch(/^ +lost +0$/m);
    expect(stdout).toMatch(/ items a second\n$/);
  });

  it('works off what was put when it is told to stop', async () => {
    const [signal, code] =
      transport === 'memory' ? (['SIGINT', 130] as const) : (['SIGTERM', 143] as const);
    const args = ['--transport', transport, '--work-ms', '1', '--items', '10000000', '--json'];
    const job = start('main-job', [...args, '--producers', '3', '--consumers', '4']);
    await job.says(/[1-9]\d* taken/);
    job.kill(signal);
    const outcome = await job.outcome;
    expect(outcome, outcome.stderr).toMatchObject({ code, signal: null });
    const report = reportOf(outcome);
    expect(report).toMatchObject({ ...perfect, stopped: signal });
    expect(report.put).toBeGreaterThan(0);
    expect(report.taken).toBe(report.put);
    expect(report.put).toBeLessThan(report.items);
  });
});

describe('the main job while its workers are killed', () => {
  // To start a thread takes some 70 ms of a processor: where they die faster than that, nothing else is done.
  it.each([
    ['threads', '--items 2000 --work-ms 1 --kill-every-ms 200', 2000],
    ['threads', '--items 5000 --work-ms 1 --kill-every-ms 100', 5000],
    ['threads', '--items 500 --work-ms 2 --kill-every-ms 150 --producers 2 --consumers 2', 500],
    ['threads', '--items 500 --work-ms 1 --kill-every-ms 150 --capacity 1 --producers 1 --consumers 1', 500],
    ['ports', '--items 2000 --work-ms 1 --kill-every-ms 200', 2000],
    ['ports', '--items 500 --work-ms 1 --kill-every-ms 150 --capacity 1 --producers 1 --consumers 1', 500],
  ])('loses nothing over %s: %s', async (transport, args, items) => {
    const outcome = await demo(transport, `${args} --json`);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    const report = reportOf(outcome);
    expect(report).toMatchObject({ offered: items, lost: 0, unmarkedDuplicates: 0 });
    expect(report.killed).toBeGreaterThan(0);
    expect(report.taken).toBe(report.put);
    expect(report.put + report.unconfirmed - report.unconfirmedTaken).toBe(items);
    expect(report.duplicated).toBeLessThanOrEqual(report.inHandAtKill);
    expect(report.redelivered).toBeGreaterThanOrEqual(report.duplicated);
  });

  it('ends at once when it is told to a second time, and leaves no file behind', async () => {
    const temp = mkdtempSync(path.join(os.tmpdir(), 'millrace-examples-test-'));
    onTestFinished(() => {
      rmSync(temp, { recursive: true, force: true });
    });
    const args = ['--work-ms', '1', '--items', '10000000'];
    const job = start('main-job', args, { TMPDIR: temp });
    await job.says(/[1-9]\d* taken/);
    job.kill('SIGTERM');
    await job.says(/what was put is worked off/);
    job.kill('SIGTERM');
    const outcome = await job.outcome;
    expect(outcome, outcome.stderr).toMatchObject({ code: 143, signal: null });
    expect(readdirSync(temp)).toEqual([]);
  });

  it('needs workers that can die alone', async () => {
    const { code, stderr } = await demo('memory', '--kill-every-ms 50');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^CAPABILITY_MISSING: .*--kill-every-ms/);
  });
});

describe('the options of the main job', () => {
  it.each([
    ['--transport pigeon', /^BAD_OPTION: .*--transport is "pigeon"; it must be threads, ports, memory or redis/],
    ['--consumers 0', /^BAD_OPTION: .*--consumers 0/],
    ['--producers -1', /^BAD_OPTION: .*--producers/],
    ['--producers=-1', /^BAD_OPTION: .*--producers is "-1"/],
    ['--items 1.5', /^BAD_OPTION: .*--items is "1.5"/],
    ['--capacity 0', /^BAD_OPTION: .*--capacity is "0"/],
    ['--capacity NaN', /^BAD_OPTION: .*--capacity is "NaN"/],
    ['--work-ms soon', /^BAD_OPTION: .*--work-ms is "soon"/],
    ['--kill-every-ms 0', /^BAD_OPTION: .*--kill-every-ms is "0"/],
    ['--speed 3', /^BAD_OPTION: .*--speed/],
    ['--items', /^BAD_OPTION: .*--items/],
    ['more', /^BAD_OPTION: .*more/],
  ])('refuses %s', async (args, message) => {
    const { code, stdout, stderr } = await run('main-job', ...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('lists them', async () => {
    const { code, stdout } = await run('main-job', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--kill-every-ms N');
  });
});
