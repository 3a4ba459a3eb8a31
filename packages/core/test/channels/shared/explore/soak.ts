// npm run soak -- --suite shared: random schedules in one thread, and some of them on real ones.

import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Program } from './modules.ts';
import { playSeed } from './replay/sample.ts';
import { Stage } from './replay/stage.ts';
import { Failure, randomRun } from './search.ts';

const usage = `npm run soak -- --suite shared [options]

  --runs N     random schedules in one thread, with and without deaths (default 1,000,000)
  --replays N  schedules on real threads, every other one with kills (default 5,000)
  --seed N     the first seed (default: another one each time; it is printed)

The last line is a JSON object. MILLRACE_SEED=seed, as a failure says it, repeats it in random.test.ts or replay.test.ts.
`;

/** Milliseconds between two lines of progress. */
const EVERY = 10_000;
/** Schedules between two looks at the clock. */
const BATCH = 200;
/** After so many failures the rest would say the same. */
const MOST_FAILURES = 10;

interface Options {
  readonly runs: number;
  readonly replays: number;
  readonly seed: number;
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`Option --${name} is "${text}"; it must be a whole number from 0 up.`);
}

function options(): Options | undefined {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      runs: { type: 'string', default: '1000000' },
      replays: { type: 'string', default: '5000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    runs: count('runs', values.runs),
    replays: count('replays', values.replays),
    seed: count('seed', values.seed),
  };
}

class Soak {
  readonly began = performance.now();
  failed = 0;
  private told = this.began;
  private interrupted = false;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => (this.interrupted = true));
  }

  get seconds(): number {
    return Math.round((performance.now() - this.began) / 100) / 10;
  }

  goesOn(): boolean {
    return !this.interrupted && this.failed < MOST_FAILURES;
  }

  tell(what: string): void {
    if (performance.now() - this.told < EVERY) return;
    this.told = performance.now();
    console.log(`${this.seconds.toFixed(0)} s: ${what}`);
  }

  fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.failed++;
    console.error(`FAILED ${error.message}\n`);
  }
}

/** Answers how many schedules there were. */
async function search(soak: Soak, { runs, seed }: Options): Promise<number> {
  const programs = [new Program('atomics'), new Program('atomics', { sleeps: false })];
  let done = 0;
  while (done < runs && soak.goesOn()) {
    const end = Math.min(runs, done + BATCH);
    for (; done < end && soak.goesOn(); done++) {
      try {
        randomRun(programs[done % 2]!, seed + done);
      } catch (error) {
        soak.fail(error);
      }
    }
    soak.tell(`${String(done)} of ${String(runs)} schedules`);
    await setImmediate();
  }
  return done;
}

/** Answers how many schedules there were, and how many threads were killed in them. */
async function repeat(
  soak: Soak,
  { replays, seed }: Options,
): Promise<{ replays: number; kills: number }> {
  const kinds = [true, false].flatMap((sleeps) =>
    (['atomics', 'stores'] as const).map((grain) => {
      const program = new Program(grain, { sleeps });
      return { program, stage: new Stage(program), deaths: grain === 'stores' ? 2 : 0 };
    }),
  );
  let done = 0;
  let kills = 0;
  for (let next = seed; done < replays && soak.goesOn(); next++) {
    const { program, stage, deaths } = kinds[done % kinds.length]!;
    try {
      const played = await playSeed(stage, program, next, deaths);
      if (played === undefined) continue;
      kills += played.kills;
    } catch (error) {
      soak.fail(error);
    }
    done++;
    soak.tell(
      `${String(done)} of ${String(replays)} schedules on real threads, ${String(kills)} kills`,
    );
  }
  await Promise.all(kinds.map(({ stage }) => stage.close()));
  return { replays: done, kills };
}

let asked: Options | undefined;
try {
  asked = options();
  if (asked === undefined) process.stdout.write(usage);
} catch (error) {
  process.stderr.write(
    `BAD_OPTION: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`,
  );
  process.exitCode = 2;
}
if (asked !== undefined) {
  const { seed } = asked;
  console.log(
    `${String(asked.runs)} schedules, and ${String(asked.replays)} on real threads, seeds from ${String(seed)}`,
  );
  const soak = new Soak();
  const runs = await search(soak, asked);
  console.log(`${soak.seconds.toFixed(0)} s: ${String(runs)} schedules`);
  const played = await repeat(soak, asked);
  const { seconds, failed } = soak;
  if (failed > 0) process.exitCode = 1;
  console.log(JSON.stringify({ suite: 'shared', runs, ...played, seconds, seed, failed }));
}
