import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startSentinel, startServer } from '../support/servers.ts';
import { place } from './support.ts';

describe('wrong usage', () => {
  it.each([
    [[], 'No command was given'],
    [['lsit'], 'There is no command "lsit"'],
    [['constructor'], 'There is no command "constructor"'],
    [['show'], 'needs the name of a queue'],
    [['show', 'a', 'b'], 'takes one queue'],
    [['list', 'a'], 'takes no queue'],
    [['list', '--force'], 'takes no --force'],
    [['list', '--nonsense'], "Unknown option '--nonsense'"],
    [['purge', 'a'], 'needs ids of dead letters or --all'],
    [['purge', 'a', 'a/d1', '--all'], 'and not both'],
    [['letters', 'a', '--max', '0'], '--max is "0"'],
    [['drain', 'a', '--deadline', '30'], '--deadline is "30"; it must be a time with its unit'],
    [['list', '--url', 'http://nowhere'], 'redis:// or rediss://'],
  ])('%j', async (args, text) => {
    const at = await place();
    const { code, stdout, stderr } = await at.run(...args);
    expect(stdout).toBe('');
    expect(stderr).toContain(text);
    expect(code).toBe(args[1] === '--url' ? 1 : 2);
  });

  it('is told as JSON where that was asked for', async () => {
    const at = await place();
    expect(await at.json('lsit')).toMatchObject({ error: { code: 'USAGE', message: expect.stringContaining('lsit') } });
  });
});

it('helps, and says its version', async () => {
  const at = await place();
  const help = await at.start('--help').ended();
  expect([help.code, help.stderr]).toEqual([0, '']);
  for (const command of ['list', 'show', 'watch', 'letters', 'put-back', 'purge', 'close', 'drain', 'clear', 'remove']) expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  expect((await at.start('--version').ended()).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('the guide names every command, and every code that is the command line\'s own', () => {
  const folder = path.join(import.meta.dirname, '../../src/cli');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const source = files.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n');
  const codes = new Set([...source.matchAll(/new Failure\(\s*'([A-Z_]+)'/g)].map(([, code = '']) => code));
  const commands = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{ queues: /gm)].map(([, command = '']) => command);
  const guide = readFileSync(path.join(import.meta.dirname, '../../../../docs/redis.md'), 'utf8');
  const [, own = ''] = /one of the command line's own: ([^.]*)\./.exec(guide.replaceAll('\n', ' ')) ?? [];
  expect([...own.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code).sort()).toEqual([...codes].sort());
  expect(commands).toHaveLength(10);
  for (const command of commands) expect(guide).toContain(`npx millrace-redis ${command} `);
});

it('where nothing listens it says so', async () => {
  const at = await place();
  const { code, stdout } = await at.run('list', '--url', 'redis://127.0.0.1:1', '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'CONNECTION_FAILED' } }]);
});

it('finds the master by way of Sentinels', async () => {
  const set = await opened(startSentinel({ replicas: 0, sentinels: 1 }));
  const at = await place();
  const urls = set.sentinelPorts.flatMap((port) => ['--url', `redis://127.0.0.1:${String(port)}`]);
  const found = await at.run('list', ...urls, '--sentinel', set.masterName);
  expect([found.code, found.stdout]).toEqual([0, expect.stringContaining('There are no queues')]);
  const unknown = await at.run('list', ...urls, '--sentinel', 'nobody', '--connect-timeout', '10s');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("knows no master named 'nobody'")]);
});

it('never shows a password', async () => {
  const password = 'swordfish-9';
  const server = await opened(startServer({ password }));
  const at = await place();
  const right = await at.start('list', '--url', server.url).ended();
  expect(right.code).toBe(0);
  const wrong = await at.run('list', '--json', '--url', server.url.replace(password, 'angelfish-8'));
  expect([wrong.code, JSON.parse(wrong.stdout)]).toMatchObject([1, { error: { code: 'AUTH_FAILED' } }]);
  const odd = await at.run('list', '--json', '--url', server.url.replace('redis:', 'http:'));
  const nowhere = await at.run('list', '--json', '--url', `redis://:${password}@127.0.0.1:1`);
  expect([odd.code, nowhere.code]).toEqual([1, 1]);
  for (const { stdout, stderr } of [right, wrong, odd, nowhere]) expect(stdout + stderr).not.toMatch(/swordfish|angelfish/);
});

it.skipIf(process.platform === 'win32')('is the command of the package, which can be run as it is', async () => {
  const folder = path.join(import.meta.dirname, '../..');
  const { bin, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string>; version: string };
  const { stdout } = await promisify(execFile)(path.join(folder, bin['millrace-redis'] ?? ''), ['--version']);
  expect(stdout).toBe(`${version}\n`);
});
