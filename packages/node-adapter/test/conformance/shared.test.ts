import { conformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { sharedThreadTarget } from './thread-target.ts';

/** Proved elsewhere: the values of Q16 would meet the calls' own crossing before they meet a queue's. */
const LOCAL = new Set(['Q16']);

const RUNS = 25;

describe('worker threads in shared memory', () => {
  for (const { rule, name, run } of conformance(sharedThreadTarget(RUNS)))
    if (!LOCAL.has(rule)) it(name, run, 120_000 + (rule === 'all' ? RUNS * 1000 : 0));
});
