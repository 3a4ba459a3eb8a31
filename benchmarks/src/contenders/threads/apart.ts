import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Contender } from '../../contender.js';
import type { QueueMemory } from '../../memory-of-queues.js';

const run = promisify(execFile);

/** Runs in a process of its own. */
async function apart(program: string, name: string, count: number): Promise<unknown> {
  const file = fileURLToPath(new URL(`../../${program}.js`, import.meta.url));
  const { stdout } = await run(process.execPath, [file, name, String(count)]);
  return JSON.parse(stdout);
}

/** What an empty queue with one producer and one consumer takes. */
export const memoryOf = (name: string): Contender => ({
  name,
  run: async ({ items }) => ({
    ...((await apart('memory-of-queues', name, items)) as QueueMemory),
  }),
});

/** How long each of many queues takes. */
export const queuesOf = (name: string): Contender => ({
  name,
  run: async ({ items }) => (await apart('many-queues', name, items)) as number,
});
