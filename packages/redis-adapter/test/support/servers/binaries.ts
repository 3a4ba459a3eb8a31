// Which servers this machine has: the suites run over each of them.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import path from 'node:path';

export interface ServerBinary {
  /** To name a suite with: `redis 7.0.15`, `valkey 8.0.1`. */
  readonly name: string;
  readonly kind: 'redis' | 'valkey';
  readonly version: readonly [major: number, minor: number, patch: number];
  readonly path: string;
}

const MISSING =
  'No redis-server or valkey-server of version 6.2 or newer is on the PATH. Install redis-server, or name ' +
  'a server in MILLRACE_REDIS_SERVERS; `node scripts/redis.mjs` in the root says how.';

let found: readonly ServerBinary[] | undefined;

/**
 * The servers to test with, the default one first: those named in `MILLRACE_REDIS_SERVERS` (paths, put
 * together like `PATH`) if it is set, else the `redis-server` and the `valkey-server` on the PATH.
 * Throws if there is none, so that no suite passes by testing nothing.
 */
export function serversAtHand(): readonly ServerBinary[] {
  found ??= look();
  if (found.length === 0) throw new Error(MISSING);
  return found;
}

function look(): readonly ServerBinary[] {
  const named = process.env['MILLRACE_REDIS_SERVERS'];
  const files =
    named === undefined || named === ''
      ? ['redis-server', 'valkey-server'].flatMap((name) => onPath(name) ?? [])
      : named.split(path.delimiter).filter((file) => file !== '');
  const seen = new Set<string>();
  return files.flatMap((file) => {
    const binary = inspect(file);
    // A compatibility package installs one server under both names.
    const identity = `${binary.name} ${path.dirname(realpathSync(file))}`;
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [binary];
  });
}

function inspect(file: string): ServerBinary {
  const said = execFileSync(file, ['--version'], { encoding: 'utf8' });
  const match = /(redis|valkey).*?\bv=(\d+)\.(\d+)\.(\d+)/i.exec(said);
  if (match === null) throw new Error(`${file} --version says ${JSON.stringify(said)}`);
  const kind = match[1]!.toLowerCase() === 'valkey' ? 'valkey' : 'redis';
  const version = [Number(match[2]), Number(match[3]), Number(match[4])] as const;
  const name = `${kind} ${version.join('.')}`;
  if (version[0] < 6 || (version[0] === 6 && version[1] < 2)) {
    throw new Error(`${file} is ${name}; Millrace needs 6.2 or newer.`);
  }
  return { name, kind, version, path: file };
}

/** The executable file of that name on the PATH. */
export function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The command line client that belongs to a server: beside it, or on the PATH. */
export function clientOf(binary: ServerBinary): string {
  const beside = path.join(path.dirname(binary.path), `${binary.kind}-cli`);
  try {
    accessSync(beside, constants.X_OK);
    return beside;
  } catch {
    const other = onPath(`${binary.kind}-cli`) ?? onPath('redis-cli') ?? onPath('valkey-cli');
    if (other === undefined) throw new Error(`there is no ${beside}, nor a redis-cli on the PATH`);
    return other;
  }
}
