// Frames of one page, each of which is a tab of its own to what hosts their queues: they come and go in no time, so that a
// host dies at many a moment. A run is told by its seed, though not repeated by it: when messages come is the browser's.

import { describe, inject, it } from 'vitest';
import type {} from '../engines/context.ts';
import { Tabs } from './driver.ts';
import { storm, watchElected } from './storm.ts';

const SEED = 1;

describe('frames, one of which is the host', () => {
  const seeds = Array.from({ length: inject('full') ? 20 : 2 }, (_, n) => SEED + n);
  it.each(seeds)('lose nothing when they go at random, by the seed %i', async (seed) => {
    const tabs = new Tabs('elected', 'frames');
    await storm(tabs, watchElected(tabs), { seed, count: 1000, deaths: 8, every: 20, least: 1 });
  });
});
