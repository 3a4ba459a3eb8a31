import { Supervisor } from '@millrace/core';
import { stopOnSignals } from '@millrace/node-adapter';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { refusal } from './support.js';

interface Program {
  readonly child: ChildProcess;
  /** Its next line. */
  line(): Promise<string>;
  readonly end: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** Runs the program on the user's Node. */
function run(...args: string[]): Program {
  const node = process.env['MILLRACE_USER_NODE'] ?? process.execPath;
  const file = fileURLToPath(new URL('./programs/signalled.mjs', import.meta.url));
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  const child = spawn(node, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const end = once(child, 'close') as Program['end'];
  return { child, end, line: async () => String((await lines.next()).value) };
}

describe('a process that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops its workers gracefully, and ends by itself: %s', async (signal) => {
    const { child, line, end } = run();
    expect(await line()).toBe('running');
    child.kill(signal);
    expect(await line()).toBe('stopping');
    const said = JSON.parse(await line()) as unknown;
    expect(said).toEqual({ result: { told: ['onStop', 'onStop'], state: 'stopped', listeners: 0 }, left: [] });
    expect(await end).toEqual([0, null]);
  });

  it('ends them by force at the second signal', async () => {
    const { child, line, end } = run('never');
    expect(await line()).toBe('running');
    child.kill('SIGTERM');
    // Both are in their onStop, which never ends.
    expect(await line()).toBe('stopping');
    child.kill('SIGTERM');
    const said = JSON.parse(await line()) as { result: unknown };
    expect(said.result).toEqual({ told: ['onStop', 'onStop'], state: 'stopped', listeners: 0 });
    expect(await end).toEqual([0, null]);
  });

  it('ends as any other when it listens no more', async () => {
    const { child, line, end } = run('soon', 'no');
    expect(await line()).toBe('running');
    child.kill('SIGTERM');
    expect(await end).toEqual([null, 'SIGTERM']);
  });
});

describe('stopOnSignals', () => {
  it('refuses what cannot be listened to, and bad deadlines, and then listens to nothing', async () => {
    const before = process.listenerCount('SIGTERM');
    const supervisor = new Supervisor();
    const listen = (): unknown => stopOnSignals(supervisor, { signals: ['SIGTERM', 'SIGKILL'] });
    expect((await refusal('BAD_OPTION', listen)).details['option']).toBe('signals');
    await refusal('BAD_OPTION', () => stopOnSignals(supervisor, { deadline: -1 }));
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
