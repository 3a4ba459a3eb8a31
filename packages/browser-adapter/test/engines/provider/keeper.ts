// A process that keeps one browser: it makes the profile's folder, starts the browser, and when its standard input
// ends, however that comes about, it ends the browser with all processes of it and removes the folder. So nothing
// is left behind even by a test run that was killed: the system closes the pipe then.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { profile, type Start } from './engines.ts';

const start = JSON.parse(process.argv[2] ?? '') as Start;

// The parent ends this by the pipe. Signals reach it only with a whole group, and must not cut the cleaning short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Nobody may be left to read what the browser has to say.
process.stderr.on('error', () => undefined);

const told = new Promise<'told'>((resolve) => {
  process.stdin.once('close', () => resolve('told'));
});
process.stdin.on('error', () => undefined).resume();

// A short path: sockets are made below it, and the path of a socket has at most 107 characters.
const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-page-'));
const children: ChildProcess[] = [];
let ending = false;
let ended: 'told' | 'by itself';
try {
  ended = await Promise.race([told, browse()]);
} finally {
  ending = true;
  for (const child of children.reverse()) await end(child);
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
// Its own standard input, still open, must not hold it.
process.exit(ended === 'told' ? 0 : 1);

async function browse(): Promise<'by itself'> {
  for (const [name, text] of Object.entries(start.files)) {
    await writeFile(path.join(folder, name), text);
  }
  const temporary = path.join(folder, 'tmp');
  await mkdir(temporary);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    // Whatever an engine writes beside its profile goes into the same folder.
    HOME: folder,
    TMPDIR: temporary,
    XDG_CACHE_HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_RUNTIME_DIR: temporary,
    // There is no desktop to talk to.
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    ...start.env,
  };
  if (start.window) env['DISPLAY'] = await display(env);
  const browser = launch(
    start.command,
    start.args.map((word) => word.replace(profile, folder)),
    env,
    // The pipe that Chromium wants; the others do not mind.
    2,
  );
  await once(browser, 'exit');
  return 'by itself';
}

/** Starts an X server on a display that is free, and resolves with the name of that once it can be used. */
async function display(env: NodeJS.ProcessEnv): Promise<string> {
  const words = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const server = launch('Xvfb', words, env, 1);
  const output = server.stdio[3] as Readable;
  const [said] = (await Promise.race([
    once(output, 'data'),
    once(server, 'exit').then(() => Promise.reject(new Error('Xvfb ended at once'))),
  ])) as [Buffer];
  return `:${String(said).trim()}`;
}

/** Starts a program in a process group of its own, with some pipes beside the standard ones. */
function launch(command: string, args: string[], env: NodeJS.ProcessEnv, pipes: number) {
  if (ending) throw new Error('told to end before all was started');
  const child = spawn(command, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: pipes }, () => 'pipe' as const)],
  });
  child.stdout?.pipe(process.stderr, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  for (const pipe of child.stdio.slice(3)) pipe?.on('error', () => undefined);
  children.push(child);
  return child;
}

async function end(child: ChildProcess) {
  const { pid } = child;
  if (pid === undefined) return;
  // An X server that is killed leaves its lock; browsers have nothing that is worth their time.
  if (child.spawnfile === 'Xvfb') {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    return;
  }
  // Its processes end each other as they are killed. For those that are not this one's own there is no event.
  do {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      return;
    }
    await sleep(10);
  } while (await lives(pid));
}

/** Whether a process of this group is alive: one that only waits for its parent to take note of its end is not. */
async function lives(group: number) {
  if (process.platform !== 'linux') return false;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(ofGroup) === group && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}
