import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Contender } from '../../../contender.js';
import { capacityFor } from '../../sizes.js';
import type { Shape } from './shape.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../../../python/queue_benchmark.py', import.meta.url));

let found: string | undefined;

/** Its version, or nothing where there is none that shares queues between processes. */
export function pythonVersion(): string {
  if (found !== undefined) return found;
  const command = 'import multiprocessing.synchronize, platform; print(platform.python_version())';
  const { status, stdout } = spawnSync('python3', ['-c', command], { encoding: 'utf8' });
  return (found = status === 0 ? stdout.trim() : '');
}

/** Python's queue between processes: the nearest that it has. */
export const pythonQueue = ({ producers, consumers }: Shape): Contender => ({
  name: 'python-multiprocessing',
  share: 0.05,
  carries: (payload) => ['small', 'medium', 'large'].includes(payload) && pythonVersion() !== '',
  async run({ payload, items, warm }) {
    const numbers = [items, warm, producers, consumers, capacityFor(payload.bytes)].map(String);
    const { stdout } = await run('python3', [program, payload.name, ...numbers]);
    return Number(stdout);
  },
});
