import type { Machine, Source, Thread } from './machine.ts';
import type { Scenario } from './run.ts';

/** What happens next in a schedule that is to be had again. */
export type Act =
  | {
      readonly kind: 'go';
      readonly thread: number;
      steps: number;
      /** The lock is free behind it, and was not before: all can be looked at. */
      freed: boolean;
      /** What the thread has done and seen by then, if it came so far. */
      trace: number | undefined;
    }
  | { readonly kind: 'kill'; readonly thread: number }
  /** Whoever sleeps for a time has slept for it. */
  | { readonly kind: 'time out' }
  /** Everybody rests, and is told to close. */
  | { readonly kind: 'close' };

/** A schedule as it was in one thread: enough to have it again on real ones, and to see that it is the same. */
export class Script {
  readonly scenario: Scenario;
  readonly acts: Act[] = [];
  /** For each thread: where the jobs are from that it began, in order. */
  readonly jobs: readonly Source[][];
  readonly before: Int32Array;
  /** What was in memory at the end, if there was one. */
  after: Int32Array | undefined;

  constructor(scenario: Scenario, { threads }: Machine, words: Int32Array) {
    this.scenario = scenario;
    this.jobs = threads.map(() => []);
    this.before = words.slice();
  }

  /** Before a step. */
  goes(thread: Thread): void {
    const { index, begins } = thread;
    if (begins !== undefined) this.jobs[index]!.push(begins);
    const last = this.acts.at(-1);
    if (last?.kind === 'go' && last.thread === index && !last.freed) {
      last.steps++;
      last.trace = undefined;
    } else this.acts.push({ kind: 'go', thread: index, steps: 1, freed: false, trace: undefined });
  }

  /** Behind it. */
  went({ trace }: Thread, freed: boolean): void {
    const last = this.acts.at(-1);
    if (last?.kind !== 'go') throw new Error('Nobody went.');
    last.trace = trace;
    last.freed = freed;
  }

  add(act: Exclude<Act, { kind: 'go' }>): void {
    this.acts.push(act);
  }

  end(words: Int32Array): void {
    this.after = words.slice();
  }
}
