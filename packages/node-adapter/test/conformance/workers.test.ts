import { workerConformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadWorkersTarget } from './worker-target.ts';

/** The full number takes minutes: `MILLRACE_STARTS=1000`. */
const starts = Number(process.env['MILLRACE_STARTS'] ?? 60);

describe('workers in threads', () => {
  for (const { name, run } of workerConformance(threadWorkersTarget({ starts }))) it(name, run, 120_000 + starts * 1000);
});
