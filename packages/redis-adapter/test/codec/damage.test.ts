import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./programs/damage.mjs', import.meta.url));

/** In a process with little memory, since what must not happen is that it ends. */
it.each([1, 2])('damaged items end no process, and take no memory: seed %d', async (seed) => {
  const runs = 15_000;
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=100', program, String(seed), String(runs)]);
  const { read, unreadable } = JSON.parse(stdout) as Record<'read' | 'unreadable', number>;
  expect(read + unreadable).toBe(runs);
  expect(read).toBeGreaterThan(100);
  expect(unreadable).toBeGreaterThan(5000);
});
