/**
 * What takes too long for every run of the tests: many more random sequences of commands, judged by the model, than those
 * have time for. `--help` lists the options.
 */
import { parseArgs } from 'node:util';

import {
  conformance,
  memoryTarget,
  simulatedLinksTarget,
  type TransportUnderTest,
} from '@millrace/core/testing';

const usage = `npm run soak -- [--suite sequences] [options]

  --suite NAME    sequences; or redis: all kinds of faults at once; or shared: schedules of threads (--suite redis --help)
  --sequences N   random sequences for each target (default 100,000)
  --only NAME     one target: ${targets()
    .map(({ name }) => `"${name}"`)
    .join(', ')}
`;

/** Sequences between two lines of progress. */
const BATCH = 1000;

function targets(): TransportUnderTest[] {
  return [memoryTarget(), memoryTarget({ clone: true }), simulatedLinksTarget()];
}

async function soak(target: TransportUnderTest, sequences: number): Promise<number> {
  let done = 0;
  for (; done < sequences; done += BATCH) {
    const runs = Math.min(BATCH, sequences - done);
    for (const test of conformance({ ...target, runs })) if (test.rule === 'all') await test.run();
    process.stdout.write(
      `${target.name}: ${String(done + runs)} of ${String(sequences)} sequences\n`,
    );
  }
  return done;
}

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'sequences' },
    sequences: { type: 'string', default: '100000' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const sequences = Number(values.sequences);
const chosen = targets().filter(({ name }) => values.only === undefined || name === values.only);
if (values.help === true) process.stdout.write(usage);
else if (
  values.suite !== 'sequences' ||
  !Number.isSafeInteger(sequences) ||
  sequences < 1 ||
  chosen.length === 0
) {
  process.stderr.write(
    `BAD_OPTION: there is no such suite, target, or number of sequences.\n\n${usage}`,
  );
  process.exitCode = 2;
} else
  try {
    for (const target of chosen) await soak(target, sequences);
  } catch (error) {
    // With the seed and the path that repeat it.
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  }
