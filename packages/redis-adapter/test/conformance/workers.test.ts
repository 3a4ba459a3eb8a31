import { workerConformance } from '@millrace/core/testing';
import { beforeAll, describe, it } from 'vitest';
import { redis } from '../../dist/index.js';
import { manifest } from '../../dist/testing.js';
import { sharedServer } from '../support/servers.ts';
import { processWorkersTarget } from './worker-target.ts';

const starts = Number(process.env['MILLRACE_STARTS'] ?? 30);

describe('workers in processes, over Redis', () => {
  let server: Awaited<ReturnType<typeof sharedServer>>;
  beforeAll(async () => {
    server = await sharedServer();
  });
  const target = processWorkersTarget(
    ({ resourceLimits }) => redis({ url: server.url, resourceLimits, prefix: `workers:${String(process.pid)}:` }),
    { manifest, starts, flushes: 200 },
  );
  for (const { name, run } of workerConformance(target)) it(name, run, 120_000 + starts * 1000);
});
