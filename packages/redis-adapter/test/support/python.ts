// A Python that has its Redis client, for what programs in that language and ours do to each other's lists.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { onPath } from './servers/binaries.ts';

let found: string | undefined;

/**
 * A python3 that can `import redis`: the system's own, else the one on the PATH. Undefined where there is
 * none and `npm test` could not have brought it; where it could have (root on Debian or Ubuntu, with the
 * system's own python3), its absence is a mistake, and this throws.
 */
export function pythonWithRedis(): string | undefined {
  const own = '/usr/bin/python3';
  const candidates = [own, onPath('python3')].filter((file) => file !== undefined);
  found ??= candidates.find((file) => existsSync(file) && hasRedis(file));
  if (found !== undefined) return found;
  const couldBring = process.getuid?.() === 0 && onPath('apt-get') !== undefined && existsSync(own);
  if (couldBring && process.env['MILLRACE_INSTALL'] !== 'no') {
    throw new Error(
      `${own} has no module redis: apt-get install python3-redis, or \`node scripts/redis.mjs\` in the root.`,
    );
  }
  return undefined;
}

function hasRedis(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
