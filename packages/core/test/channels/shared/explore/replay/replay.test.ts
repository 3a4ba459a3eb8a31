import { afterEach, describe, expect, test } from 'vitest';

import { replay } from '../../../../seeded.ts';
import { defects } from '../defects.ts';
import { Found } from '../machine.ts';
import { Program } from '../modules.ts';
import { playSeed, scriptOf } from './sample.ts';
import { Stage } from './stage.ts';

/** So many schedules, and so many kills. The soak asks for more. */
const RUNS = Number(process.env['MILLRACE_RUNS'] ?? 500);
/** A failure says its seed: with MILLRACE_SEED that one is played alone. */
const { seed } = replay();
const first = seed ?? Math.floor(Math.random() * 2 ** 30);

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

function stageFor(program: Program): Stage {
  return (stage = new Stage(program));
}

const kinds = [
  ['that may sleep', true],
  ['that may not', false],
] as const;

test.each(kinds)('schedules on threads %s', { timeout: 36_000_000 }, async (_, sleeps) => {
  const program = new Program('atomics', { sleeps });
  const playing = stageFor(program);
  const runs = seed === undefined ? Math.ceil(RUNS / 2) : 1;
  console.log(`${String(runs)} seeds from ${String(first)}`);
  let steps = 0;
  for (let i = 0; i < runs; i++)
    steps += (await playSeed(playing, program, first + i, 0))?.steps ?? 0;
  expect(steps).toBeGreaterThan(runs * 50);
});

test.each(kinds)('kills of threads %s', { timeout: 36_000_000 }, async (_, sleeps) => {
  // They are killed in the midst of what they change, too.
  const program = new Program('stores', { sleeps });
  const playing = stageFor(program);
  const wanted = seed === undefined ? Math.ceil(RUNS / 2) : 0;
  console.log(`${String(wanted)} kills, seeds from ${String(first)}`);
  let next = first;
  let kills = 0;
  do kills += (await playSeed(playing, program, next++, 2))?.kills ?? 0;
  while (kills < wanted);
});

test('what a thread does and sees, and what it leaves, has to be what it was in one thread', async () => {
  const program = new Program('atomics');
  const playing = stageFor(program);
  const otherTrace = scriptOf(program, 1, { deaths: 0 }).script;
  const act = otherTrace.acts.findLast(({ kind }) => kind === 'go');
  if (act?.kind === 'go') act.trace = (act.trace ?? 0) + 1;
  await expect(playing.play(otherTrace)).rejects.toThrow('did or saw something else');
  const otherWords = scriptOf(program, 1, { deaths: 0 }).script;
  otherWords.after![0]!++;
  await expect(playing.play(otherWords)).rejects.toThrow('Word 0 is');
});

/** Some of those that one thread finds: a missing wake, a missing store, and so on. */
const planted = [
  ['who frees the lock wakes nobody', 'atomics'],
  ['a bell grows, and wakes nobody', 'atomics'],
  ['a step is not committed', 'atomics'],
  ['who recovers undoes nothing', 'stores'],
] as const;

describe('a planted defect is found on real threads too, by the same words', () => {
  test.each(planted)('%s', async (defect, grain) => {
    const program = new Program(grain, {
      changes: defects.find(({ name }) => name === defect)!.changes,
    });
    let tried = 1;
    let found = scriptOf(program, tried);
    while (found.failure === undefined) found = scriptOf(program, ++tried);
    const { cause } = found.failure;
    expect(cause).toBeInstanceOf(Found);
    await expect(stageFor(program).play(found.script)).rejects.toThrow(cause);
  });
});
