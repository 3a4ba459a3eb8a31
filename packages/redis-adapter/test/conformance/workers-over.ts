import { workerConformance } from '@millrace/core/testing';
import { beforeAll, describe, it } from 'vitest';
import { redis } from '../../dist/index.js';
import { manifest } from '../../dist/testing.js';
import { sharedServer } from '../support/servers.ts';
import { processWorkersTarget } from './worker-target.ts';

/** More by `MILLRACE_STARTS=1000`. */
const starts = Number(process.env['MILLRACE_STARTS'] ?? 3);

/**
 * How a worker's functions are called, and what becomes of batches, results and messages, is the same wherever it runs, and
 * each case starts processes: by `MILLRACE_FULL=1`.
 */
const ANYWHERE = process.env['MILLRACE_FULL'] === '1' ? ['W2', 'W3', 'W6'] : [];
const FIRST = ['W1', 'W4', 'W5', ...ANYWHERE];
const SECOND = ['W7', 'W8'];
const parts = {
  first: (rule: string) => FIRST.includes(rule),
  second: (rule: string) => SECOND.includes(rule),
  rest: (rule: string) => !/^W[1-8]$/.test(rule),
};

/** Each library has its turn: which one it is makes no difference to a worker, but to how long a process takes to load it. */
const LIBRARY = { first: 'ioredis', second: 'redis', rest: 'ioredis' } as const;

/** The cases of some rules. Each starts processes, so that they take the longest of all: in files of their own, they run side by side. */
export function workersOverRedis(part: keyof typeof parts): void {
  describe('workers in processes, over Redis', () => {
    let server: Awaited<ReturnType<typeof sharedServer>>;
    beforeAll(async () => {
      server = await sharedServer();
    });
    const target = processWorkersTarget(
      ({ resourceLimits }) =>
        redis({
          url: server.url,
          library: LIBRARY[part],
          resourceLimits,
          prefix: `workers:${String(process.pid)}:`,
        }),
      { manifest, starts, flushes: 50 },
    );
    const cases = workerConformance(target).filter(({ rule }) => parts[part](rule));
    // Each start is that of two processes, which take seconds on a machine with much else to do.
    for (const { name, run } of cases) it(name, run, 120_000 + starts * 10_000);
  });
}
