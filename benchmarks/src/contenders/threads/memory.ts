import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Contender } from '../../contender.js';
import type { QueueMemory } from '../../memory-of-queues.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../memory-of-queues.js', import.meta.url));

/** An empty queue with one producer and one consumer. */
export const memoryOf = (name: string): Contender => ({
  name,
  async run({ items }) {
    const { stdout } = await run(process.execPath, [program, name, String(items)]);
    return { ...(JSON.parse(stdout) as QueueMemory) };
  },
});
