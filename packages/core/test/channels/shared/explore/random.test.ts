import { expect, test } from 'vitest';

import { replay } from '../../../seeded.ts';
import { Program } from './modules.ts';
import { randomRun } from './search.ts';

/** The soak asks for more. */
const RUNS = Number(process.env['MILLRACE_RUNS'] ?? 10_000);
const { seed } = replay();

/** A failure says its seed: with MILLRACE_SEED that one runs alone. */
function runMany(program: Program, runs: number): void {
  if (seed !== undefined) {
    randomRun(program, seed);
    return;
  }
  const first = Math.floor(Math.random() * 2 ** 30);
  console.log(`${String(runs)} seeds from ${String(first)}`);
  let steps = 0;
  for (let i = 0; i < runs; i++) steps += randomRun(program, first + i).schedule.length;
  expect(steps).toBeGreaterThan(runs * 50);
}

test.each([
  ['of threads that may sleep', true],
  ['of threads that may not', false],
])('random schedules %s', { timeout: 36_000_000 }, (_, sleeps) => {
  runMany(new Program('atomics', { sleeps }), RUNS / 2);
});

/** This is why the other schedules need no interruption between a step's plain accesses. */
test('nothing but atomics touches what is shared without the lock', { timeout: 600_000 }, () => {
  runMany(new Program('all'), 100);
});
