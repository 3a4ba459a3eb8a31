import { conformance } from '@millrace/core/testing';
import { describe, inject, it } from 'vitest';
import type {} from '../engines/context.ts';
import { tabsTarget } from './target.ts';

const PATIENCE = 120_000;
/** One in so many, unless all is asked for: each waits for what is written. */
const SOME = 6;

describe('endpoints in tabs, one of which is the host', () => {
  const all = conformance(tabsTarget('elected', { runs: 10 }));
  const cases = inject('full') ? all : all.filter((_, n) => n % SOME === 0);
  for (const { name, run } of cases) it(name, run, PATIENCE);
});
