import { conformance, type TransportUnderTest } from '@millrace/core/testing';
import { describe, it } from 'vitest';

/** Proved elsewhere: the values of Q16 would meet the calls' own crossing before they meet a queue's. */
const ELSEWHERE = new Set(['Q16']);

/** What depends on threads that wait, wake each other and die. */
const THREADED = new Set(['Q1', 'Q5', 'Q7', 'Q11', 'Q12', 'Q13', 'Q14', 'Q20', 'all']);

const full = process.env['MILLRACE_FULL'] === '1';

/**
 * The rules where each endpoint is in a thread of its own: all, or (but with `MILLRACE_FULL=1`) those that depend on it; the
 * rest is proved in one thread then.
 */
export function rulesOverThreads(which: 'all' | 'threaded', targetOf: (runs: number) => TransportUnderTest): void {
  const all = full || which === 'all';
  // Each random sequence starts threads of its own: on a busy machine a second of work.
  const runs = full ? 100 : 20;
  const target = targetOf(runs);
  describe(target.name, () => {
    for (const { rule, name, run } of conformance(target))
      if (!ELSEWHERE.has(rule) && (all || THREADED.has(rule))) it(name, run, 120_000 + (rule === 'all' ? runs * 1000 : 0));
  });
}
