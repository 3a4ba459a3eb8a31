import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import './support.ts';

type Program = ChildProcessByStdio<null, Readable, Readable>;

const RUNS = path.join(import.meta.dirname, 'programs/runs.mjs');

/** A program that starts a worker; its outputs end only when both are gone. */
function program(module: string, ...args: string[]): { program: Program; lines: AsyncIterator<string>; rest: () => Promise<string> } {
  const started = spawn(process.execPath, [RUNS, module, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = linesOf(started.stdout);
  const rest = async () => {
    let text = '';
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) text += `${next.value}\n`;
    return text;
  };
  return { program: started, lines, rest };
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let left = '';
  for await (const chunk of stream) {
    const parts = (left + String(chunk)).split('\n');
    left = parts.pop()!;
    yield* parts;
  }
}

describe('when its parent is killed', () => {
  it('a worker is asked to stop, and may finish', async () => {
    const { program: parent, lines, rest } = program('mortal.ts', 'until stopped', 'Infinity');
    expect((await lines.next()).value).toMatch(/^runs \d+$/);
    parent.kill('SIGKILL');
    expect(await rest()).toBe('stopped\n');
  });

  it.each(['wait', 'spin'])('one that does not stop ends all the same: %s', async (way) => {
    const { program: parent, lines, rest } = program('mortal.ts', way, '50');
    expect((await lines.next()).value).toMatch(/^runs \d+$/);
    parent.kill('SIGKILL');
    expect(await rest()).toBe('');
  });

  it('one whose function has returned lingers no longer', async () => {
    const { program: parent, lines, rest } = program('mortal.ts', 'lingers');
    expect((await lines.next()).value).toMatch(/^runs \d+$/);
    parent.kill('SIGKILL');
    expect(await rest()).toBe('');
  });

  it.each(['exit', 'spin'])('one that has not begun ends: %s', async (way) => {
    const { program: parent, rest } = program(`dies-loading.ts?way=${way}`, 'any', '50');
    await once(parent, 'spawn');
    parent.kill('SIGKILL');
    expect(await rest()).toBe('');
  });
});

it('a program with workers that have ended ends by itself', async () => {
  const { program: parent, rest } = program('mortal.ts', 'exit');
  expect(await rest()).toMatch(/^runs \d+\nfailed WORKER_EXITED\n$/);
  expect(parent.exitCode ?? (await once(parent, 'exit'))[0]).toBe(0);
});

it('what a worker writes is its program\'s output', async () => {
  const { program: parent, rest } = program('logs.ts');
  let errors = '';
  parent.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const closed = once(parent, 'close');
  expect(await rest()).toContain('to stdout\n');
  await closed;
  expect(errors).toContain('to stderr\n');
});

it('a worker takes over how its program loads modules, but not what it runs, nor its debugger\'s port', async () => {
  const dist = new URL('../../dist/processes/index.js', import.meta.url).href;
  const code = `
    import { systemRuntime } from '@millrace/core';
    import { startProcess } from '${dist}';
    const url = 'data:text/javascript,export default () => process.execArgv';
    const home = { departure: (worker) => ({ worker, local: false, open: () => ({}) }), known: () => Promise.resolve(), lost: () => undefined };
    const worker = { url, load: () => import(url) };
    const start = { id: 'w', worker, args: {}, start: {}, runtime: systemRuntime, home, child: { module: '', data: 0 } };
    console.log(JSON.stringify(await startProcess(start).result()));
  `;
  const own = ['--inspect-port', '0', '--conditions=special', '--input-type=module', '-e', code];
  const parent = spawn(process.execPath, own, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  expect((await linesOf(parent.stdout).next()).value).toBe('["--conditions=special"]');
});
