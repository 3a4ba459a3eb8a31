import { beforeAll, beforeEach, describe, expect, test, type TestContext } from 'vitest';

import { check, missing } from './checker.js';

const full = process.env['MILLRACE_FULL'] === '1';
/** Set by `npm test` where it could not bring spin: why. */
const without = process.env['MILLRACE_NO_SPIN'] ?? '';

const programs = missing();
const unchecked = `The models of the lock, the bells and the endpoint table are not checked: ${programs.join(' and ')} not on the PATH.`;

/** What `npm test` cannot bring is left out, and it says so; who calls Vitest without it is told what to do. */
beforeAll(() => {
  if (programs.length === 0) return;
  if (without === '')
    throw new Error(
      `${unchecked} \`node scripts/spin.mjs\` installs what is missing, or says how; MILLRACE_NO_SPIN=1 goes without.`,
    );
  console.error(`${unchecked} ${without}`);
});
beforeEach((context: TestContext) => {
  if (programs.length > 0) context.skip(unchecked);
});

describe('spin finds nothing in any state', () => {
  test.each([
    ['lock.pml', ['HOST_DIES'], 100_000],
    ['bells.pml', [], 50_000],
    ['endpoints.pml', [], 1_000_000],
    ...(full
      ? ([
          ['lock.pml', ['HOST_DIES', 'DEATHS=2'], 1_000_000],
          ['endpoints.pml', ['OPENS_LATE'], 3_000_000],
        ] as const)
      : []),
  ] as const)('%s %s', { timeout: 300_000 }, async (model, defines, least) => {
    const { found, states } = await check(model, defines);
    expect(found).toBeUndefined();
    console.log(`${[model, ...defines].join(' ')}: ${String(states)} states`);
    // Fewer would mean that there was little to look at.
    expect(states).toBeGreaterThan(least);
  });

  test('nobody goes round for ever', { timeout: 300_000 }, async () => {
    expect((await check('lock.pml', ['HOST_DIES'], 'cycles')).found).toBeUndefined();
  });
});

describe('spin finds a planted fault', () => {
  /** What it says of it. */
  const whole = /^assertion violated \(\(\(length==0\)/;
  const alive = /^assertion violated dead\[/;
  const twice = /^assertion violated +\( ?!\(inside/;
  const stuck = /^invalid end state$/;
  const counts = /^assertion violated \(\(lock==me\)/;

  /** Each is compiled anew: some always, all of them by `MILLRACE_FULL=1`. */
  const some = (always: [string, RegExp][], more: [string, RegExp][]): [string, RegExp][] =>
    full ? [...always, ...more] : always;

  test.each(
    some(
      [
        ['COMMITTED_BEFORE_THE_LAST_STORE', whole],
        ['FREED_BY_A_THREAD_THAT_STORES_ON', whole],
        ['LINK_CLOSED_WHILE_A_STEP_WAITS', alive],
        ['NOTHING_IS_UNDONE', whole],
        ['RECOVERY_WAKES_ONLY_IF_IT_HELD', stuck],
        ['STOLEN_AFTER_A_TIME', twice],
      ],
      [
        ['BIT_WITHOUT_COMPARISON', alive],
        ['FREED_BEFORE_IT_IS_UNDONE', whole],
        ['STORED_BEFORE_ITS_ENTRY', whole],
        ['UNDONE_FROM_THE_FIRST', whole],
        ['UNLOCK_IN_TWO', stuck],
        ['UNLOCK_WAKES_NOBODY', stuck],
      ],
    ),
  )('in lock.pml: %s', async (fault, says) => {
    expect((await check('lock.pml', ['HOST_DIES', `FAULT_${fault}`])).found).toMatch(says);
  });

  test.each(
    some(
      [
        ['NOBODY_RINGS_FOR_THE_DEAD', stuck],
        ['THE_DEAD_ARE_COUNTED', counts],
        ['WHAT_THE_DEAD_HAD_STAYS', counts],
      ],
      [
        ['CONSUMERS_ARE_NOT_TOLD_OF_THE_END', stuck],
        ['NOBODY_FOLLOWS_UP_A_LOSS', stuck],
        ['SLOT_IS_FREE_BEFORE_ITS_ITEMS_ARE_BACK', counts],
        ['THE_DEAD_STAY_HUNGRY', counts],
      ],
    ),
  )('in endpoints.pml: %s', async (fault, says) => {
    expect((await check('endpoints.pml', [`FAULT_${fault}`])).found).toMatch(says);
  });

  test.each(['ASKS_BEFORE_IT_RINGS', 'COUNTS_ON_THE_FORMER_OWNER', 'LOOKS_BEFORE_IT_LEAVES'])(
    'in bells.pml: %s',
    async (fault) => {
      const { found } = await check('bells.pml', [`FAULT_${fault}`]);
      expect(found).toMatch(/^assertion violated \(found==/);
    },
  );

  test('in lock.pml: WAITS_BY_LOOKING_AGAIN', async () => {
    expect(
      (await check('lock.pml', ['HOST_DIES', 'FAULT_WAITS_BY_LOOKING_AGAIN'], 'cycles')).found,
    ).toBe('non-progress cycle');
  });
});
