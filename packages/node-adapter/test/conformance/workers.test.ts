import { workerConformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadWorkersTarget } from './worker-target.ts';

/** The full number takes minutes: `MILLRACE_STARTS=1000`. */
const starts = Number(process.env['MILLRACE_STARTS'] ?? 60);

/** How workers run does not depend on how their items travel: `MILLRACE_FULL=1` proves it over both. */
const channels = process.env['MILLRACE_FULL'] === '1' ? (['ports', 'shared-memory'] as const) : (['ports'] as const);

describe.each(channels)('workers in threads, over %s', (channel) => {
  for (const { name, run } of workerConformance(threadWorkersTarget({ starts, channel }))) it(name, run, 120_000 + starts * 1000);
});
