import type { Program } from '../program.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';
import { Failure, randomRun, type RandomOptions } from '../search.ts';
import type { Stage } from './stage.ts';

/** Threads die at any time of their lives, which are longer where they can be stopped at stores. */
const WITHIN = 600;

/** A random schedule, and how to have it again; what it found, if it found anything. */
export function scriptOf(
  program: Program,
  seed: number,
  options: RandomOptions = {},
): { script: Script; run: Run; failure: Failure | undefined } {
  let run: Run | undefined;
  let script: Script | undefined;
  let failure: Failure | undefined;
  const begin = (begun: Run): void => {
    run = begun;
    script = begun.record();
  };
  try {
    randomRun(program, seed, { ...options, begin });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error;
  }
  if (run === undefined || script === undefined) throw new Error('It did not begin.');
  return { script, run, failure };
}

/** Plays the seed's schedule on real threads. With `deaths`, only if a thread is killed in it: answers how many are, and how many steps there were. */
export async function playSeed(
  stage: Stage,
  program: Program,
  seed: number,
  deaths: number,
): Promise<{ kills: number; steps: number } | undefined> {
  const { script, run, failure } = scriptOf(program, seed, { deaths, within: WITHIN });
  if (failure !== undefined) throw failure;
  const kills = run.killed.length;
  if (deaths > 0 && kills === 0) return undefined;
  try {
    await stage.play(script);
  } catch (error) {
    throw new Failure(
      error,
      `On real threads, MILLRACE_SEED=${String(seed)}: ${JSON.stringify(run.scenario)}`,
      run,
    );
  }
  return { kills, steps: run.schedule.length };
}
