import { conformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { sharedThreadTarget } from './thread-target.ts';

/** Proved elsewhere: the values of Q16 would meet the calls' own crossing before they meet a queue's. */
const LOCAL = new Set(['Q16']);

/** What depends on threads that wait, wake each other and die; the rest is proved in one thread, and here by `MILLRACE_FULL=1`. */
const THREADED = new Set(['Q1', 'Q5', 'Q7', 'Q11', 'Q12', 'Q13', 'Q14', 'Q20', 'all']);
const full = process.env['MILLRACE_FULL'] === '1';

const RUNS = full ? 100 : 20;

describe('worker threads in shared memory', () => {
  for (const { rule, name, run } of conformance(sharedThreadTarget(RUNS)))
    if (!LOCAL.has(rule) && (full || THREADED.has(rule))) it(name, run, 120_000 + (rule === 'all' ? RUNS * 1000 : 0));
});
