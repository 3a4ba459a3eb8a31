import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import './support.js';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of its own on the user's Node, until it ends by itself. */
function run(program: string, ...args: string[]): Promise<Ended> {
  const node = process.env['MILLRACE_USER_NODE'] ?? process.execPath;
  const file = fileURLToPath(new URL(`./programs/${program}.mjs`, import.meta.url));
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  const child = spawn(node, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

async function endOf(program: string, ...args: string[]): Promise<unknown> {
  const { stdout, ...end } = await run(program, ...args);
  expect(end).toEqual({ code: 0, signal: null, stderr: '' });
  const { result, left } = JSON.parse(stdout) as { result: unknown; left: unknown };
  expect(left).toEqual([]);
  return result;
}

/** Who was in a put when the transport was closed may have heard of it before it was terminated. */
const gone = expect.stringMatching(/^WORKER_(TERMINATED|FAILED)$/) as unknown;

describe('a program ends by itself, and leaves nothing', () => {
  it('after its work, with nothing closed but the queue', async () => {
    expect(await endOf('works')).toBe(2000);
  });

  it.each(['exit', 'throw', 'reject', 'out-of-memory'])(
    'after a crash that nobody looks at: %s',
    async (way) => {
      expect(await endOf('crashes', way)).toEqual([[-1], 3]);
    },
  );

  it('although a worker has left a timer and a server running', async () => {
    expect(await endOf('lingers')).toEqual(['returned', 'finished', 'stopped']);
  });

  it('when the transport is closed in the middle of the work', async () => {
    const closed = 'TRANSPORT_CLOSED';
    expect(await endOf('closes')).toEqual({
      taken: 100,
      waits: [closed, closed, closed, closed, closed, 'gave undefined'],
      exits: [gone, gone, gone, 'WORKER_TERMINATED'],
      health: { open: false, workers: 0, queues: [] },
    });
  });

  it('when it never consumes and gives the queue up', async () => {
    const failed = 'WORKER_FAILED';
    expect(await endOf('never-consumes', 'queue')).toEqual([failed, failed]);
  });

  it('when it never consumes and closes the transport', async () => {
    expect(await endOf('never-consumes', 'transport')).toEqual([gone, gone]);
  });

  it('after 300 queues in shared memory, of which nothing stays', async () => {
    // In MiB: one queue's memory is 16, of which it has touched little.
    expect(await endOf('passes')).toBeLessThan(200);
  });

  it('although it still waits for what never comes', async () => {
    expect(await endOf('forgets')).toBe('nothing waits for me');
  });
});
