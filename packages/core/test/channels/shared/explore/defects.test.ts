import { describe, expect, test } from 'vitest';

import { type Defect, defects } from './defects.ts';
import { Program } from './modules.ts';
import { Failure, everyKill, everyRecovery, randomRun } from './search.ts';
import { pair } from './scenarios.ts';

/** Explores until something is found: what finds most comes first. */
function explore({ changes }: Defect): void {
  for (const sleeps of [true, false]) {
    const program = new Program('atomics', { changes, sleeps });
    for (let seed = 1; seed <= 300; seed++) randomRun(program, seed);
  }
  const program = new Program('stores', { changes });
  everyKill(program, pair, [0, 1], 0);
  everyRecovery(program, pair, 1, 0, 2, 50);
  const again = new Program('atomics', { changes });
  for (let seed = 301; seed <= 8000; seed++) randomRun(again, seed);
}

describe('a planted defect is found', () => {
  test.each(defects)('$name', { timeout: 120_000 }, (defect) => {
    expect(() => {
      explore(defect);
    }).toThrow(Failure);
  });
});
