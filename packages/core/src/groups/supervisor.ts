import { MillraceError } from '../errors/error.js';
import { asyncDispose } from '../queues/travel.js';
import { checkDuration } from '../queues/waits.js';
import { Events } from '../transport/memory/events.js';
import type { Group, GroupEvents, GroupState } from './group.js';
import type { InstanceReport } from './instance.js';

/** What a supervisor launches: a Producer, a Consumer or a PlainWorker. */
export type Supervised = Group & { start(): Promise<void> };

/** What a supervisor tells of one of its groups. */
export interface GroupReport {
  readonly name: string;
  readonly state: GroupState;
  /** Restarts of all its workers, in this run. */
  readonly restarts: number;
  readonly lastError: MillraceError | undefined;
  /** How many ms ago any of them reported something. */
  readonly lastProgress: number | undefined;
  readonly workers: readonly InstanceReport[];
}

export interface SupervisorOptions {
  /** How long, in ms, a graceful stop of all may take before workers are terminated. Default 5,000. */
  readonly deadline?: number | undefined;
}

/** A group's events, with the name it was added by. */
export type SupervisorEvents = { readonly [K in keyof GroupEvents]: GroupEvents[K] & { readonly group: string } };

const FORWARDED = ['state', 'error', 'failure', 'started', 'stopped', 'unresponsive', 'responsive', 'unsubscribed'] as const;

/**
 * Starts, watches, scales and stops groups of workers together, and leaves nothing behind. Each group restarts its workers
 * by its own policy.
 *
 * @example
 * ```ts
 * // count.ts
 * export default function* count() {
 *   for (let n = 1; n <= 3; n++) yield n;
 * }
 * ```
 *
 * ```ts run
 * // main.ts
 * import { defineWorker, memory, Producer, Supervisor } from '@millrace/core';
 *
 * const transport = memory();
 * const supervisor = new Supervisor();
 * const count = supervisor.add(new Producer(defineWorker(() => import('./count.js')), { transport, name: 'count' }));
 * await supervisor.launch();
 * for await (const n of count) console.log(n);
 * // prints: 1
 * // prints: 2
 * // prints: 3
 * await supervisor.stop();
 * ```
 */
export class Supervisor {
  private readonly groups = new Map<string, { readonly group: Supervised; readonly off: () => void }>();
  private readonly events = new Events<SupervisorEvents>();
  private readonly deadline: number;
  /** How many would hear of a failure. */
  private attending = 0;

  constructor({ deadline }: SupervisorOptions = {}) {
    checkDuration('deadline', deadline);
    this.deadline = deadline ?? 5000;
  }

  /** Takes a group under its care, by its name, and gives it back. `BAD_OPTION` when the name is taken. */
  add<G extends Supervised>(group: G): G {
    const { name } = group;
    if (this.groups.has(name))
      throw new MillraceError('BAD_OPTION', `There is a worker named "${name}" already: give each its own name.`, { option: 'name', value: name });
    const off = group.forward(
      FORWARDED,
      (type, event) => {
        this.events.emit(type, { ...event, group: name });
      },
      () => this.attending > 0,
    );
    this.groups.set(name, { group, off });
    return group;
  }

  /** The group of this name. `BAD_OPTION` when there is none. */
  get(name: string): Supervised {
    const found = this.groups.get(name);
    if (found !== undefined) return found.group;
    throw new MillraceError('BAD_OPTION', `There is no worker named "${name}" here.`, { option: 'name', value: name });
  }

  /** Starts all that do not run, in the order in which they were added. When one cannot start, all are stopped again. */
  async launch(): Promise<void> {
    try {
      for (const { group } of this.groups.values()) if (group.state === 'stopped') await group.start();
    } catch (error) {
      // What fails of that is told by events.
      await this.stop().catch(() => undefined);
      throw error;
    }
  }

  /** Changes how many workers of a group run. */
  async scale(name: string, count: number): Promise<void> {
    await this.get(name).scale(count);
  }

  /** Stops a group and lets go of it. */
  async remove(name: string): Promise<void> {
    const group = this.get(name);
    try {
      await group.stop({ deadline: this.deadline });
    } finally {
      this.groups.get(name)?.off();
      this.groups.delete(name);
    }
  }

  /** What each group does. */
  report(): readonly GroupReport[] {
    return [...this.groups.values()].map(({ group }) => {
      const workers = group.report();
      const progress = workers.flatMap(({ lastProgress }) => (lastProgress === undefined ? [] : [lastProgress]));
      return {
        name: group.name,
        state: group.state,
        restarts: workers.reduce((sum, { restarts }) => sum + restarts, 0),
        lastError: workers.find(({ lastError }) => lastError !== undefined)?.lastError,
        lastProgress: progress.length === 0 ? undefined : Math.min(...progress),
        workers,
      };
    });
  }

  /**
   * Stops all groups, the last one that was added first: gracefully, and after `deadline` ms by force. Resolves when all
   * have stopped; rejects then with the first thing that failed of it, such as `STOP_TIMED_OUT`. Harmless when repeated.
   */
  async stop(options: { readonly deadline?: number | undefined } = {}): Promise<void> {
    checkDuration('deadline', options.deadline);
    const deadline = options.deadline ?? this.deadline;
    const stops = await Promise.allSettled([...this.groups.values()].reverse().map(({ group }) => group.stop({ deadline })));
    for (const stop of stops) if (stop.status === 'rejected') throw stop.reason;
  }

  /** Resolves when all groups have stopped; rejects with the error of the first that failed for good. */
  async finished(): Promise<void> {
    this.attending++;
    try {
      await Promise.all([...this.groups.values()].map(({ group }) => group.finished()));
    } finally {
      this.attending--;
    }
  }

  /** Listens to all groups until the returned function is called. */
  on<K extends keyof SupervisorEvents>(type: K, listener: (event: SupervisorEvents[K]) => void): () => void {
    const off = this.events.on(type, listener);
    if (type !== 'failure') return off;
    let listening = true;
    this.attending++;
    return () => {
      off();
      if (listening) this.attending--;
      listening = false;
    };
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }
}
