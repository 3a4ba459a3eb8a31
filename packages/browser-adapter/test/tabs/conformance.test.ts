import { conformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { tabsTarget } from './target.ts';

const PATIENCE = 120_000;

describe('endpoints in another tab than the queue', () => {
  for (const { name, run } of conformance(tabsTarget('worker', { runs: 10 })))
    it(name, run, PATIENCE);
});
