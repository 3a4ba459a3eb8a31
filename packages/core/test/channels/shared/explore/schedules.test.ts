import { expect, test } from 'vitest';

import { Program } from './modules.ts';
import { small } from './scenarios.ts';
import { everySchedule } from './search.ts';

/** Two interruptions take two minutes: by `MILLRACE_FULL=1`. */
const most = process.env['MILLRACE_FULL'] === '1' ? [0, 1, 2] : [0, 1];

test.each(most)('every schedule with at most %i interruptions', { timeout: 600_000 }, (interruptions) => {
  const { states } = everySchedule(new Program('atomics'), { ...small, open: true, listening: true }, interruptions);
  // Fewer would mean that there was little to choose.
  expect(states).toBeGreaterThan(1000);
});
