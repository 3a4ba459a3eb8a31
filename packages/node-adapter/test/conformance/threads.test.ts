import { conformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadTarget } from './thread-target.ts';

/**
 * Proved elsewhere: the values of Q16 would meet the calls' own crossing before they meet a queue's.
 */
const LOCAL = new Set(['Q16']);

const RUNS = 100;

describe('worker threads', () => {
  // Each random sequence starts threads of its own: on a busy machine a second of work.
  for (const { rule, name, run } of conformance(threadTarget(RUNS)))
    if (!LOCAL.has(rule)) it(name, run, 120_000 + (rule === 'all' ? RUNS * 1000 : 0));
});
