import { workerConformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { manifest, socketTransport } from './socket-transport.ts';
import { processWorkersTarget } from './worker-target.ts';

/** The full number takes minutes: `MILLRACE_STARTS=1000`. */
const starts = Number(process.env['MILLRACE_STARTS'] ?? 30);

describe('workers in processes', () => {
  const target = processWorkersTarget(socketTransport, { manifest, starts, flushes: 200 });
  for (const { name, run } of workerConformance(target)) it(name, run, 120_000 + starts * 1000);
});
