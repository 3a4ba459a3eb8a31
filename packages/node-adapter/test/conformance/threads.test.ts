import { conformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadTarget } from './thread-target.ts';

/**
 * Proved elsewhere: the values of Q16 would meet the calls' own crossing before they meet a queue's.
 */
const LOCAL = new Set(['Q16']);

describe('worker threads', () => {
  for (const { rule, name, run } of conformance(threadTarget(100))) if (!LOCAL.has(rule)) it(name, run, 120_000);
});
