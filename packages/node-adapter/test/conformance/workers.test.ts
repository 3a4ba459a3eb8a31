import { workerConformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadWorkersTarget } from './worker-target.ts';

/** The full number takes minutes: `MILLRACE_STARTS=1000`. */
const starts = Number(process.env['MILLRACE_STARTS'] ?? 60);

/** What dies, and what its death leaves, depends on the channel; the rest is proved over the default, and by `MILLRACE_FULL=1` over both. */
const DYING = new Set(['W8', 'W9']);
const full = process.env['MILLRACE_FULL'] === '1';

describe.each(['shared-memory', 'ports'] as const)('workers in threads, over %s', (channel) => {
  const some = channel === 'shared-memory' || full ? starts : Math.min(starts, 20);
  for (const { rule, name, run } of workerConformance(threadWorkersTarget({ starts: some, channel })))
    if (channel === 'shared-memory' || full || DYING.has(rule)) it(name, run, 120_000 + starts * 1000);
});
