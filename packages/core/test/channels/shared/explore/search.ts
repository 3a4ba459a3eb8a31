import { Found, type Thread } from './machine.ts';
import type { Program } from './program.ts';
import { type Kill, Run, type Scenario } from './run.ts';

/** A schedule that found something: how it can be had again, and what it was. */
export class Failure extends Error {
  readonly steps: number;
  constructor(error: unknown, how: string, run: Run | undefined) {
    const what = error instanceof Error ? error.message : String(error);
    const killed = run === undefined || run.killed.length === 0 ? '' : ` Killed: ${run.killed.join(', ')}.`;
    super(`${what}.\n${how}.${killed}\nThe schedule: ${run === undefined ? 'none' : compress(run.schedule)}`, { cause: error });
    this.steps = run?.schedule.length ?? 0;
  }
}

/** Which thread took how many steps, one after the other. */
function compress(schedule: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < schedule.length; ) {
    let n = 1;
    while (schedule[i + n] === schedule[i]) n++;
    parts.push(n === 1 ? String(schedule[i]) : `${String(schedule[i])}x${String(n)}`);
    i += n;
  }
  return parts.join(' ');
}

/** More than any of these takes. */
const MOST_STEPS = 60_000;

/** Runs to its end, as `choose` says. It answers undefined to end it before that. */
function drive(run: Run, choose: (runnable: readonly Thread[], run: Run) => Thread | undefined): boolean {
  for (;;) {
    const runnable = run.runnable();
    if (runnable.length === 0) return true;
    const thread = choose(runnable, run);
    if (thread === undefined) return false;
    if (run.schedule.length > MOST_STEPS) throw new Found('It never comes to rest');
    run.step(thread);
  }
}

/** Whoever runs goes on until it cannot; then the next one. */
function stay(runnable: readonly Thread[], { last }: Run): Thread {
  return last !== undefined && runnable.includes(last) ? last : runnable[0]!;
}

interface Branch {
  readonly before: Branch | undefined;
  readonly step: number;
  readonly thread: number;
  readonly preemptions: number;
}

/**
 * Every schedule in which a thread that can go on is interrupted at most so often. Two that lead to the same state, with as many
 * interruptions left, are one from there on.
 *
 * Only atomic accesses are places to interrupt: all else is changed and read under the lock (`stores` and `all` check that), so
 * that others can see nothing of a step's insides; they can but look at the lock.
 */
export function everySchedule(program: Program, scenario: Scenario, preemptions: number): { schedules: number; states: number; steps: number } {
  const best = new Map<number, number>();
  const open: Branch[] = [{ before: undefined, step: -1, thread: -1, preemptions: 0 }];
  let schedules = 0;
  let steps = 0;
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const forced = new Map<number, number>();
    for (let at: Branch | undefined = branch; at !== undefined; at = at.before) forced.set(at.step, at.thread);
    const run = new Run(program, scenario);
    run.marks = true;
    const from: Branch = branch;
    let step = 0;
    try {
      const whole = drive(run, (runnable, { last }) => {
        const at = step++;
        const told = forced.get(at);
        if (told !== undefined) return run.machine.threads[told];
        const usual = stay(runnable, run);
        // Before that, all has been looked at.
        if (at <= from.step || runnable.length === 1) return usual;
        const goesOn = last !== undefined && runnable.includes(last);
        // It looks at what it has just looked at: whatever comes between is the same as before both, or after.
        // And what it has heard is noted for the host's count alone.
        if (goesOn && (last.next === 'compareExchange' || last.next === 'store')) return usual;
        const mark = run.mark(goesOn ? last.index + 1 : 0);
        const left = preemptions - from.preemptions;
        if ((best.get(mark) ?? -1) >= left) return undefined;
        best.set(mark, left);
        const cost = goesOn ? 1 : 0;
        if (left >= cost)
          for (const thread of runnable)
            if (thread !== usual) open.push({ before: from.step < 0 ? undefined : from, step: at, thread: thread.index, preemptions: from.preemptions + cost });
        return usual;
      });
      if (whole) schedules++;
      steps += step;
    } catch (error) {
      throw new Failure(error, `With ${String(from.preemptions)} interruptions`, run);
    }
  }
  return { schedules, states: best.size, steps };
}

/** Numbers from a seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface RandomOptions {
  /** How many threads may die: as it comes if it is not said. */
  readonly deaths?: number;
  /** A thread dies before one of so many of its first steps. */
  readonly within?: number;
  /** Called before the first step. */
  readonly begin?: (run: Run) => void;
}

/** A scenario and a schedule out of a seed; threads may die in it. */
export function randomRun(program: Program, seed: number, { deaths, within = 150, begin }: RandomOptions = {}): Run {
  const next = numbers(seed);
  let item = 0;
  const producers = Array.from({ length: 1 + next(3) }, (_, i) => {
    const n = 1 + next(5);
    item = i * 16;
    const byHost = next(4) === 0 ? 200 : 0;
    return { items: Array.from({ length: n }, () => (byHost > 0 && next(2) === 0 ? byHost : 0) + item++), wave: 1 + next(3), lingers: next(2) === 0, claims: next(2) === 0 };
  });
  const consumers = Array.from({ length: 1 + next(3) }, () => ({ ahead: 1 + next(4), slow: next(2) === 0, fails: next(4) === 0 }));
  const scenario: Scenario = { capacity: [1, 2, 3, 8, -1][next(5)]!, producers, consumers, clears: next(4) === 0 ? 1 : 0 };
  const threads = producers.length + consumers.length;
  const kills: Kill[] = Array.from({ length: deaths ?? next(3) }, () => ({ thread: next(threads), step: 1 + next(within) }));
  const run = new Run(program, scenario, kills);
  begin?.(run);
  // Some change all the time, some seldom.
  const switches = [2, 5, 20, 60][next(4)]!;
  try {
    drive(run, (runnable) => {
      const usual = stay(runnable, run);
      if (next(switches) !== 0 && usual === run.last) return usual;
      return runnable[next(runnable.length)]!;
    });
  } catch (error) {
    throw new Failure(error, `MILLRACE_SEED=${String(seed)}: ${JSON.stringify(scenario)}, ${JSON.stringify(kills)}`, run);
  }
  return run;
}

/** A thread dies before each of its steps, one after the other, and the others go on. Answers at how many. */
export function everyKill(program: Program, scenario: Scenario, victims: readonly number[], seed: number): number {
  let kills = 0;
  for (const thread of victims)
    for (let step = 0; ; step++) {
      const run = new Run(program, scenario, [{ thread, step }]);
      runTo(run, seed, `Slot ${String(thread)} killed before its step ${String(step)}, seed ${String(seed)}`);
      if (run.killed.length === 0) break;
      kills++;
    }
  return kills;
}

/** As `everyKill`; and whoever recovers dies as well, before each of its steps. Every so many steps of the first one. */
export function everyRecovery(program: Program, scenario: Scenario, victim: number, seed: number, host: number, every = 1): number {
  let kills = 0;
  for (let step = 0; ; step += every)
    for (let at = 1; ; at++) {
      const run = new Run(program, scenario, [
        { thread: victim, step },
        { thread: host, step: at, recovering: true },
      ]);
      runTo(run, seed, `Slot ${String(victim)} killed before its step ${String(step)}, and the host before step ${String(at)} of the recovery, seed ${String(seed)}`);
      if (run.killed.length === 0) return kills;
      if (run.hostThread.index === host) break;
      kills++;
    }
}

function runTo(run: Run, seed: number, how: string): void {
  const next = numbers(seed);
  try {
    drive(run, (runnable) => {
      const usual = stay(runnable, run);
      return seed !== 0 && next(100) === 0 ? runnable[next(runnable.length)]! : usual;
    });
  } catch (error) {
    throw new Failure(error, how, run);
  }
}
