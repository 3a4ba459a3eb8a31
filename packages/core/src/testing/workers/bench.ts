import type { ErrorCode } from '../../errors/error.js';
import type { Group, GroupEvents } from '../../groups/group.js';
import type { Feed } from '../../groups/mailbox.js';
import { IterableQueue } from '../../queues/iterable-queue.js';
import { asyncDispose } from '../../queues/travel.js';
import { ReadyQueue } from '../../queues/ready-queue.js';
import type { QueueOptions } from '../../transport/spec.js';
import type { Transport } from '../../transport/transport.js';
import { type CodedError, equal, fail, ok, text } from '../assert.js';
import { nextTurn } from '../bench.js';
import type { ManualClock } from '../clock.js';
import { settleHere } from '../targets/memory.js';
import { Tracked } from '../tracked.js';
import type { WorkersFixture, WorkersUnderTest } from './target.js';

interface Disposable {
  [asyncDispose](): Promise<void>;
}

const LOGGED = ['state', 'started', 'error', 'failure', 'unresponsive', 'responsive', 'unsubscribed'] as const;

/** Steps, in ms, in which a manual clock is advanced, so that what a timer sets off can set another. */
const STEP = 10;
/** Many times what a step or a batch takes that comes to its end, in ms. */
const AMPLE = 3000;

/** What a case works at: it follows every operation, and sees to it that nothing is left. */
export class WorkerBench {
  readonly target: WorkersUnderTest;
  readonly fixture: WorkersFixture;
  readonly transport: Transport;
  /** Operations that are not over. */
  private readonly tracked = new Set<Tracked<unknown>>();
  private readonly made: Disposable[] = [];
  private readonly gates: Disposable[] = [];

  constructor(target: WorkersUnderTest, fixture: WorkersFixture) {
    this.target = target;
    this.fixture = fixture;
    this.transport = fixture.transport;
  }

  queue<T = number>(options: QueueOptions = {}): IterableQueue<T> {
    return this.keep(new IterableQueue<T>({ ...options, transport: this.transport }));
  }

  readyQueue<T = number>(options: QueueOptions = {}): ReadyQueue<T> {
    return this.keep(new ReadyQueue<T>({ ...options, transport: this.transport }));
  }

  /** Something that holds workers up until it is opened, so often. */
  gate(): { readonly args: ReturnType<IterableQueue<unknown>['consumerSlot']>; open(times?: number): Promise<void> } {
    // Of this case alone: what another left in its own must not open it.
    const queue = new IterableQueue<unknown>({ transport: this.transport, name: 'gate', exclusive: true, capacity: Infinity });
    this.gates.push(queue);
    const producer = queue.producer();
    return {
      args: queue.consumerSlot(),
      open: async (times = 1) => {
        for (let i = 0; i < times; i++) await producer.put(i);
      },
    };
  }

  /** Remembers what is to be stopped or disposed of when the case is over. */
  keep<D extends Disposable>(made: D): D {
    this.made.push(made);
    return made;
  }

  /** Remembers a group, and gives what it tells as lines: `state started`, `failure WORKER_EXITED, restart in 10`. */
  watch<G extends Group>(group: G): { readonly group: G; readonly log: string[] } {
    this.keep(group);
    return { group, log: this.log(group) };
  }

  /** A group whose events are not of interest. */
  add<G extends Group>(group: G): G {
    return this.watch(group).group;
  }

  log(group: Group): string[] {
    const log: string[] = [];
    for (const type of LOGGED)
      group.on(type, (event: GroupEvents[typeof type]) => {
        log.push(line(type, event));
      });
    return log;
  }

  /** The next event of a kind, or the next that is meant. */
  event<K extends keyof GroupEvents>(group: Group, type: K, meant: (event: GroupEvents[K]) => boolean = () => true): Tracked<GroupEvents[K]> {
    return this.op(
      `the event ${type} of ${group.name}`,
      () =>
        new Promise<GroupEvents[K]>((resolve) => {
          const off = group.on(type, (event) => {
            if (!meant(event)) return;
            off();
            resolve(event);
          });
        }),
    );
  }

  /** What a feed gives, as it comes. */
  heard<T>(feed: Feed<T>): T[] {
    const heard: T[] = [];
    feed.on((value) => heard.push(value));
    return heard;
  }

  /** Starts an operation and follows it. */
  op<T>(what: string, act: () => T | Promise<T>): Tracked<T> {
    const tracked = new Tracked(what, act);
    if (!tracked.pending) return tracked;
    this.tracked.add(tracked);
    void tracked.over.then(() => this.tracked.delete(tracked));
    return tracked;
  }

  get clock(): ManualClock {
    return this.fixture.clock ?? fail('this case needs a fixture with a clock');
  }

  /** Lets everything happen that is under way in this process; workers elsewhere may still be at it. */
  async settle(): Promise<void> {
    const { clock } = this.fixture;
    for (let turn = 0; turn < 3; turn++) await (clock === undefined ? nextTurn() : settleHere(clock));
  }

  /** A time, in ms, that what ends by itself does not take: where time passes by itself, however slow the machine may be. */
  ample(ms: number): number {
    return this.fixture.clock === undefined ? AMPLE : ms;
  }

  /** Lets time pass, where the case has a clock; elsewhere it passes by itself. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.fixture;
    await this.settle();
    for (let left = ms; clock !== undefined && left > 0; left -= STEP) {
      clock.advance(Math.min(STEP, left));
      await this.settle();
    }
  }

  /** What the operation gave: where there is a clock, nothing else can happen any more by then. */
  async given<T>(op: Tracked<T>): Promise<T> {
    if (op.pending) {
      if (this.fixture.clock === undefined) await op.over;
      else await this.settle();
    }
    return op.given();
  }

  async does<T>(what: string, act: () => T | Promise<T>): Promise<T> {
    return this.given(this.op(what, act));
  }

  async gives<T>(op: Tracked<T>, expected: unknown): Promise<void> {
    equal(await this.given(op), expected, op.what);
  }

  async refused(op: Tracked<unknown>, code: ErrorCode): Promise<CodedError> {
    if (op.pending) {
      if (this.fixture.clock === undefined) await op.over;
      else await this.settle();
    }
    return op.refusal(code);
  }

  async refuses(what: string, act: () => unknown, code: ErrorCode): Promise<CodedError> {
    return this.refused(
      this.op(what, act),
      code,
    );
  }

  /** Takes so many items, waiting for each. */
  async takes<T>(source: { get(): Promise<T> }, count: number): Promise<T[]> {
    const got: T[] = [];
    for (let i = 1; i <= count; i++) got.push(await this.does(`get ${String(i)} of ${String(count)}`, () => source.get()));
    return got;
  }

  /** Nothing can happen any more in this process, and the operation waits. */
  async waits(op: Tracked<unknown>): Promise<void> {
    await this.settle();
    ok(op.pending, `${op.what}: should wait, but ${op.state === 'done' ? `gave ${text(op.value)}` : `failed with ${text(op.error)}`}`);
  }

  /** Waits until something holds; where there is a clock, it must hold as soon as nothing else can happen. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await this.settle();
    for (let turn = 0; !(await holds()); turn++) {
      if (this.fixture.clock !== undefined && turn > 20) fail(`it does not come about that ${what}`);
      await nextTurn();
    }
  }

  /** Closes everything; whatever is left then is a broken rule. */
  async finish(): Promise<void> {
    for (const gate of this.gates) await gate[asyncDispose]();
    const ends = this.made.reverse().map((made) => this.op('disposing', () => made[asyncDispose]()));
    for (const end of ends) if (this.fixture.clock === undefined) await end.over;
    await this.settle();
  }

  /** Names what should not be there after `finish`. */
  async left(): Promise<string[]> {
    const left = [...this.tracked].map((op) => `the promise of ${op.what}`);
    const { workers, queues } = this.transport.health();
    if (workers > 0) left.push(`${String(workers)} workers`);
    left.push(...queues.map(({ queue }) => `the queue ${queue}`));
    await this.fixture.dispose();
    await this.settle();
    const timers = this.fixture.clock?.pending().timers ?? 0;
    if (timers > 0) left.push(`${String(timers)} timers`);
    return [...left, ...(await this.fixture.leftovers())];
  }
}

function line<K extends keyof GroupEvents>(type: K, event: GroupEvents[K]): string {
  if ('state' in event) return `${type} ${event.state}`;
  if (type === 'failure') {
    const { error, restartIn } = event as GroupEvents['failure'];
    return `failure ${error.code}${restartIn === undefined ? '' : `, restart in ${String(Math.round(restartIn))}`}`;
  }
  if ('error' in event) return event.error === undefined ? type : `${type} ${event.error.code}`;
  if (type === 'started') return `started ${String((event as GroupEvents['started']).attempt)}`;
  return type;
}
