// What `npm test` says where it finds no server that will do, before it does anything else.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { root } from './support/places.js';

it('without a server it ends at once and says what to install', () => {
  for (const script of ['redis', 'test']) {
    const { status, stdout, stderr } = run(script, emptyFolder());
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('neither redis-server nor valkey-server is on the PATH');
    expect(stderr).toContain('apt-get install redis-server');
    expect(stderr).toContain('brew install redis');
  }
});

it('a server that is too old is refused by its version', () => {
  const folder = emptyFolder();
  const file = path.join(folder, 'redis-server');
  writeFileSync(file, '#!/bin/sh\necho "Redis server v=6.0.16 sha=00000000:0"\n', { mode: 0o755 });
  const { status, stderr } = run('redis', folder);
  expect(status).toBe(1);
  expect(stderr).toContain('6.2 or newer');
  expect(stderr).toContain(`${file} is version 6.0, which is too old`);
});

it('a named server that is not there is an error, whatever else is', () => {
  const missing = path.join(emptyFolder(), 'redis-server');
  const { status, stderr } = run('redis', process.env['PATH'], { MILLRACE_REDIS_SERVERS: missing });
  expect(status).toBe(1);
  expect(stderr).toContain(`${missing} does not run`);
});

it('with a server it says nothing', () => {
  const { status, stdout, stderr } = run('redis', process.env['PATH']);
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

function run(script: string, PATH: string | undefined, env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [path.join(root, 'scripts', `${script}.mjs`)], {
    encoding: 'utf8',
    env: { ...process.env, PATH, MILLRACE_REDIS_SERVERS: '', MILLRACE_INSTALL: 'no', ...env },
  });
}

function emptyFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-none-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
