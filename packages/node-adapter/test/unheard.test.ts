import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import './support.js';

interface Ended {
  readonly code: number;
  readonly said: string[];
  readonly stderr: string;
}

/** Runs the program on the user's Node. */
function run(...args: string[]): Promise<Ended> {
  const node = process.env['MILLRACE_USER_NODE'] ?? process.execPath;
  const file = fileURLToPath(new URL('./programs/unheard.mjs', import.meta.url));
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  return new Promise((resolve) => {
    execFile(node, [file, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout.split('\n').filter((line) => line !== ''), stderr });
    });
  });
}

describe.each(['memory', 'threads'])('a worker that fails for good, on %s', (transport) => {
  it.each(['nobody', 'event-left', 'supervised'])('is an unhandled rejection when nobody hears of it: %s', async (how) => {
    const { code, said, stderr } = await run(transport, how);
    expect([code, said]).toEqual([1, []]);
    expect(stderr).toMatch(/WORK_FAILED[\s\S]*nobody hears of it/);
  });

  it.each([
    ['event', 'event: WORK_FAILED'],
    ['finished', 'finished: WORK_FAILED'],
    ['get', 'get: WORK_FAILED'],
    ['supervised-event', 'event: WORK_FAILED'],
    ['supervised-finished', 'finished: WORK_FAILED'],
  ])('is heard of once: %s', async (how, line) => {
    expect(await run(transport, how)).toEqual({ code: 0, said: [line], stderr: '' });
  });

  it('does not come to grief by a listener that throws, which is not silent', async () => {
    const { code, stderr } = await run(transport, 'listener-throws');
    expect(code).toBe(1);
    expect(stderr).toMatch(/a listener threw/);
  });
});
