// What this process starts must not outlive it, even when it is killed and can tidy nothing itself.
//
// A guard process holds the read end of a pipe and waits for its end, which the kernel brings about
// however this process dies. It then kills whatever the pid files in our folder name and removes the
// folder. It wakes for nothing else, and it is dismissed once the last server's folder is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The name of the file in a server's folder that says which process the guard has to kill. */
export const PID_FILE = 'guarded.pid';

/** `$1` is our folder. A process may be writing to it until its SIGKILL has arrived: hence the tries. */
const GUARD = `
trap '' INT TERM HUP
read -r _
for file in "$1"/*/${PID_FILE}; do
  [ -f "$file" ] && kill -KILL "$(cat "$file")" 2>/dev/null
done
tries=0
until rm -rf "$1" 2>/dev/null && [ ! -e "$1" ]; do
  tries=$((tries + 1))
  [ "$tries" -gt 50 ] && exit 1
  sleep 0.1
done`;

interface Watch {
  readonly folder: string;
  readonly guard: ChildProcess;
  readonly kept: Set<string>;
}

let watch: Watch | undefined;

/** A new folder that is gone, with the process that its pid file names, when this process is. */
export async function guardedFolder(name: string): Promise<string> {
  const own = (watch ??= begin());
  // Kept by its prefix until it has its name, lest the guard be dismissed meanwhile.
  const place = path.join(own.folder, `${name}-`);
  own.kept.add(place);
  try {
    const folder = await mkdtemp(place);
    own.kept.add(folder);
    return folder;
  } finally {
    own.kept.delete(place);
  }
}

/** Removes a guarded folder. The process that used it must have ended. */
export async function removeGuarded(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  const own = watch;
  if (own === undefined || !own.kept.delete(folder) || own.kept.size > 0) return;
  watch = undefined;
  own.guard.ref();
  const gone = once(own.guard, 'exit');
  own.guard.stdin!.end();
  await gone;
}

function begin(): Watch {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-servers-'));
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Not in our process group: a Ctrl-C or a kill of the group is what it has to survive.
    detached: true,
  });
  guard.on('error', () => rmSync(folder, { recursive: true, force: true }));
  guard.unref();
  const pipe: unknown = guard.stdin;
  if (hasUnref(pipe)) pipe.unref();
  return { folder, guard, kept: new Set() };
}

function hasUnref(value: unknown): value is { unref(): void } {
  return typeof value === 'object' && value !== null && 'unref' in value;
}
