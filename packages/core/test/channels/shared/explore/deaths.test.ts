import { beforeAll, expect, test } from 'vitest';

import { Program } from './modules.ts';
import { pair, rich, small } from './scenarios.ts';
import { everyKill, everyRecovery } from './search.ts';

let program: Program;
beforeAll(() => {
  program = new Program('stores');
});

// To die before a load is to die before the store that follows: nobody sees a difference.
test.each([
  ['put, take, ack, close', small, 0],
  ['give back, fail, clear', rich, 0],
  ['the same, otherwise interleaved', rich, 7],
])('a death before every step: %s', { timeout: 600_000 }, (_, scenario, seed) => {
  expect(everyKill(program, scenario, [0, 1, 2, 3], seed)).toBeGreaterThan(1000);
});

test.each([0, 1])('and before every step of the recovery from that, slot %i', { timeout: 600_000 }, (victim) => {
  expect(everyRecovery(program, pair, victim, 0, 2)).toBeGreaterThan(1000);
});
