import type * as driver from './driver.js';
import type { Host } from './host-driver.js';
import { Judge, type Place } from './judge.js';
import { type Code, finish, Found, isCode, type Job, Machine, mix, type Thread } from './machine.js';
import { BY_HOST, type Program } from './modules.js';
import type { Message, Shared, Words, World } from './shared.js';

/** Who puts and takes, and what else happens. */
export interface Scenario {
  readonly capacity: number;
  readonly producers: readonly driver.PutterOptions[];
  readonly consumers: readonly driver.TakerOptions[];
  /** At the beginning the host clears so often, at its own pace. */
  readonly clears?: number;
  /** All have begun to listen already. */
  readonly listening?: boolean;
  /** It stops when all items are settled, and nobody is closed. */
  readonly open?: boolean;
}

/** The thread that dies, before which of its steps. */
export interface Kill {
  readonly thread: number;
  readonly step: number;
  /** Of the host: counted from when it began to recover from a death. */
  readonly recovering?: boolean;
}

type Explored = Shared & Pick<typeof driver, 'Putter' | 'Taker'> & { readonly Host: typeof Host };

const PAGES = 64;
const memories = new WeakMap<Program, SharedArrayBuffer>();

/** One schedule of a scenario, from its beginning on. */
export class Run implements World {
  readonly machine = new Machine();
  readonly runtime = Object.freeze({ now: () => 0 });
  readonly scenario: Scenario;
  readonly s: Words;
  readonly shared: Explored;
  host: Host;
  hostThread: Thread;
  /** What was done, in order: which thread took each step. */
  readonly schedule: number[] = [];
  last: Thread | undefined;
  killed: number[] = [];
  /** Whether `mark` is wanted. */
  marks = false;
  private unheard = 0;
  private readonly judge: Judge;
  private readonly kills: Kill[];
  private readonly endpoints: (driver.Putter | driver.Taker)[] = [];
  private readonly started = new Map<number, number>();
  private readonly appeared = new Set<number>();
  private readonly gone = new Set<number>();
  private readonly acking = new Set<number>();
  private readonly seen = new Map<string, number>();
  private readonly showed = new Set<number>();
  private kept = new Map<number, number[]>();
  private cleared = 0;
  private phase = 0;
  private recovering: { slot: number; steps: number } | undefined;
  private dataMark = 0;
  private known = false;

  constructor(program: Program, scenario: Scenario, kills: readonly Kill[] = []) {
    this.scenario = scenario;
    this.kills = [...kills];
    program.machine = this.machine;
    // The only place where what was transformed gets its types again.
    const shared = (this.shared = program.exports as unknown as Explored);
    let memory = memories.get(program);
    if (memory === undefined) memories.set(program, (memory = finish(shared.Words.create(PAGES)).words.buffer as SharedArrayBuffer));
    const s = (this.s = new shared.Words(memory, PAGES));
    s.words.fill(0);
    s.words[shared.CAPACITY] = scenario.capacity;
    s.words[shared.FREE_PAGES] = PAGES;
    s.words[shared.KEPT] = PAGES / 4;
    this.judge = new Judge(shared, s, (block, index) => this.valueOf(block, index));
    const open = (role: 'producer' | 'consumer'): number => {
      const slot = this.endpoints.length;
      finish(shared.open(s, slot, role, slot + 1));
      finish(s.commit());
      this.machine.addThread(`${role} ${String(slot)}`, shared.holderOf(slot + 1));
      return slot;
    };
    // Each thread has its own view, which knows whom it is to ring.
    const view = (): Words => new shared.Words(memory, PAGES);
    for (const options of scenario.producers) this.endpoints.push(new shared.Putter(shared, view(), open('producer'), this, options));
    for (const options of scenario.consumers) this.endpoints.push(new shared.Taker(shared, view(), open('consumer'), this, options));
    this.hostThread = this.machine.addThread('host', shared.HOST_HOLDER);
    this.host = new shared.Host(shared, view(), this);
    for (const { slot } of this.endpoints) this.host.known.add(slot);
    for (const [i, endpoint] of this.endpoints.entries()) this.machine.enqueue(this.machine.threads[i]!, () => endpoint.start(), 1);
    this.machine.enqueue(this.hostThread, () => this.host.start(), 1);
    if (scenario.listening === true) for (const thread of this.machine.threads) while (thread.runnable) this.machine.step(thread);
    for (const [i, endpoint] of this.endpoints.entries()) this.machine.enqueue(this.machine.threads[i]!, () => endpoint.begin(), 2);
    for (let i = 0; i < (scenario.clears ?? 0); i++) this.machine.enqueue(this.hostThread, () => this.host.clear(), 2);
  }

  // --- the machine --------------------------------------------------------------------------------------------------

  /** Those that can go on; none when all is over. */
  runnable(): Thread[] {
    for (;;) {
      const found = this.machine.threads.filter((thread) => thread.runnable);
      if (found.length > 0) return found;
      if (this.machine.waitsAt(this.shared.LOCK)) {
        // Who was to wake them may be dead, and nobody has heard of it.
        if (this.s.words[this.shared.LOCK] === 0 && this.unheard === 0) throw new Found('The lock is free, and nobody woke those who wait for it');
        if (this.machine.timeOut()) continue;
        throw new Found('The lock is never freed');
      }
      if (!this.nextPhase()) return [];
    }
  }

  step(thread: Thread): void {
    const { machine, s, shared } = this;
    const kill = this.kills.findIndex((one) => one.thread === thread.index && one.step === (one.recovering === true ? this.recovering?.steps : thread.steps));
    if (kill >= 0) {
      this.kills.splice(kill, 1);
      this.kill(thread);
      return;
    }
    this.schedule.push(thread.index);
    if (this.recovering !== undefined && thread === this.hostThread) this.recovering.steps++;
    const lock = s.words[shared.LOCK]!;
    if ((thread.next === 'changes a word' || thread.next === 'reads a word') && !this.mayTouch(thread, lock >> shared.LOCK_NAME)) throw new Found(`${thread.name} touches what is shared, and has not the lock`);
    // What it sees while it has the lock, or just before it gets it, is all that there is.
    const data = this.marks ? this.data() : 0;
    machine.step(thread);
    const lockNow = s.words[shared.LOCK]!;
    if (lockNow >> shared.LOCK_NAME === thread.holder || lock >> shared.LOCK_NAME === thread.holder) {
      thread.history = mix(thread.history, data);
      this.known = false;
    }
    // Between two jobs all that it knows is in its fields, however it came there.
    if (this.marks && thread.current === undefined && thread.micro.length === 0) thread.history = this.local(thread);
    if (lock !== 0 && lockNow === 0) this.check();
    this.last = thread;
  }

  /** Who has the lock may, and who undoes what somebody had begun that died with it. */
  private mayTouch(thread: Thread, holder: number): boolean {
    return holder === thread.holder || (thread === this.hostThread && this.machine.threads.some((other) => other.dead && other.holder === holder));
  }

  /** It goes no further, wherever it is; the host hears of that. */
  kill(thread: Thread): void {
    const { machine } = this;
    if (thread === this.hostThread) this.replaceHost();
    else {
      machine.kill(thread);
      const { slot } = this.endpoints[thread.index]!;
      this.killed.push(slot);
      this.unheard++;
      machine.enqueue(this.hostThread, () => this.lose(slot, false), mix(31, slot));
    }
  }

  private replaceHost(): void {
    const { machine, hostThread: dead, recovering } = this;
    const { jobs } = dead;
    const pending = [...jobs];
    machine.kill(dead);
    this.host = new this.shared.Host(this.shared, new this.shared.Words(this.s.words.buffer as SharedArrayBuffer, PAGES), this, this.host);
    this.hostThread = machine.addThread('next host', this.shared.HOST_HOLDER);
    machine.enqueue(this.hostThread, () => this.host.start(), 1);
    if (recovering !== undefined) machine.enqueue(this.hostThread, () => this.lose(recovering.slot, true), 3);
    for (const { job, tag } of pending) machine.enqueue(this.hostThread, job, tag);
  }

  private *lose(slot: number, again: boolean): Code {
    this.recovering = { slot, steps: 0 };
    if (!again) this.unheard--;
    const job: Job = again ? () => this.host.loseAgain(slot) : () => this.host.lose(slot);
    const made = job();
    if (isCode(made)) yield* made;
    this.recovering = undefined;
    return undefined;
  }

  /** The same for all schedules after which everything can only go on alike. */
  mark(more: number): number {
    const { words } = this.s;
    const { shared } = this;
    let mark = mix(mix(this.data(), words[shared.LOCK]!), this.phase * 16 + more);
    let other = mark ^ 0x5bd1e995;
    for (const thread of this.machine.threads) {
      mark = mix(mark, thread.mark);
      other = mix(other, thread.mark ^ mark);
    }
    if (this.hostThread.current !== undefined) other = mix(other, words[shared.HOST_BELL]!);
    // Who rests will only compare it with what it is then.
    for (const [slot, { current }] of this.machine.threads.entries()) if (current !== undefined && slot < words[shared.TOP]!) other = mix(other, words[this.slotWord(slot, 'BELL')]!);
    return (mark >>> 0) * 2 ** 21 + (other >>> 11);
  }

  private local(thread: Thread): number {
    const endpoint = this.endpoints[thread.index];
    const text = JSON.stringify(endpoint === undefined ? [this.host] : [endpoint, endpoint.link], fields);
    let mark = text.length;
    for (let i = 0; i < text.length; i++) mark = (Math.imul(mark, 31) + text.charCodeAt(i)) | 0;
    return mix(mark, 41);
  }

  private data(): number {
    if (this.known) return this.dataMark;
    const { words, pages, heap } = this.s;
    const { JOURNAL, JOURNAL_LENGTH, HOST_BELL, HOST_HEARD, STEPS, TOP, SLOTS_AT, SLOT_WORDS, BITMAP, PAGE, E } = this.shared;
    let mark = 0;
    const add = (from: number, to: number, but: number): void => {
      for (let at = from; at < to; at++) if (words[at] !== 0 && at !== but) mark = mix(mix(mark, at), words[at]!);
    };
    for (let at = JOURNAL_LENGTH + 1; at < JOURNAL; at++) if (at !== STEPS && at !== HOST_HEARD) add(at, at + 1, HOST_BELL);
    for (let slot = 0, at = SLOTS_AT; slot < words[TOP]!; slot++, at += SLOT_WORDS) {
      add(at, at + E.HEARD, at + E.BELL);
      add(at + E.HEARD + 1, at + SLOT_WORDS, -1);
    }
    for (let page = 0, at = heap; page < pages; page++, at += PAGE) if ((words[BITMAP + (page >> 5)]! & (1 << (page & 31))) !== 0) add(at, at + PAGE, -1);
    this.dataMark = mark;
    this.known = true;
    return mark;
  }

  private slotWord(slot: number, field: keyof Shared['E']): number {
    return this.shared.SLOTS_AT + slot * this.shared.SLOT_WORDS + this.shared.E[field];
  }

  // --- the world ----------------------------------------------------------------------------------------------------

  toHost(slot: number, message: Message): void {
    if (message[0] === this.shared.TO_HOST.KEEP) this.kept.set(message[1] as number, message[2] as number[]);
    this.machine.send(this.hostThread, () => this.host.hear(slot, message));
  }

  toSlot(slot: number, message: Message): void {
    this.machine.send(this.threadOf(slot), () => this.endpoints[slot]!.hear(message));
  }

  later(slot: number, job: () => void): void {
    this.machine.send(this.threadOf(slot), job);
  }

  private threadOf(slot: number): Thread {
    return this.machine.threads[slot]!;
  }

  starts(item: number, epoch: number): void {
    this.started.set(item, epoch);
  }

  shown(slot: number, item: number, attempt: number): void {
    if (!this.appeared.has(item)) throw new Found(`Slot ${String(slot)} was shown item ${String(item)}, which was not put`);
    if (this.gone.has(item)) throw new Found(`Slot ${String(slot)} was shown item ${String(item)}, which was done with`);
    if (attempt === 1 && this.showed.has(item)) throw new Found(`Item ${String(item)} was shown again as if it were new`);
    this.showed.add(item);
    const from = `${String(slot)} ${String(producerOf(item))}`;
    const before = this.seen.get(from) ?? -1;
    const number = numberOf(item);
    if (attempt === 1 && number <= before) throw new Found(`Slot ${String(slot)} got item ${String(item)} behind ${String(before)}`);
    this.seen.set(from, Math.max(before, number));
  }

  acks(item: number): void {
    this.acking.add(item);
  }

  gives(): void {}

  clears(): void {
    this.cleared++;
  }

  // --- the judge ----------------------------------------------------------------------------------------------------

  private valueOf(block: number, index: number): number {
    const { words, bytes } = this.s;
    const { B } = this.shared;
    if (words[block + B.BYTES] === 0) return this.kept.get(words[block + B.KEY]!)?.[index] ?? -1;
    return bytes[words[block + B.AT]! * 4 + index]!;
  }

  private check(): void {
    const { words } = this.s;
    const { shared } = this;
    const there = this.judge.look(this.killed.every((slot) => words[this.slotWord(slot, 'ROLE')] === shared.FREE));
    this.compare(there);
    if (this.cleared > 0) return;
    if (words[shared.ACKED] !== this.gone.size) throw new Found(`${String(words[shared.ACKED])} items were counted as acked, and ${String(this.gone.size)} are`);
    for (const [i, { items }] of this.scenario.producers.entries()) {
      if (words[this.slotWord(i, 'ROLE')] !== shared.PRODUCER) continue;
      const arrived = words[this.slotWord(i, 'SEEN')]!;
      for (const item of items.slice(0, arrived)) if (!this.appeared.has(item)) throw new Found(`Item ${String(item)} was put completely, and was never there`);
    }
  }

  private compare(there: readonly Place[]): void {
    const now = new Set<number>();
    for (const { item } of there) {
      if (now.has(item)) throw new Found(`Item ${String(item)} is there twice`);
      now.add(item);
      if (!this.started.has(item)) throw new Found(`Item ${String(item)} is there, and nobody put it`);
      if (this.gone.has(item)) throw new Found(`Item ${String(item)} is back, and was done with`);
      this.appeared.add(item);
    }
    for (const item of this.appeared) {
      if (now.has(item) || this.gone.has(item)) continue;
      if (!this.acking.has(item) && this.cleared === 0) throw new Found(`Item ${String(item)} is lost`);
      this.gone.add(item);
    }
  }

  /** Nobody has anything to do. */
  private nextPhase(): boolean {
    const { words } = this.s;
    const { shared, machine } = this;
    if (words[shared.LOCK] !== 0) throw new Found('Everybody rests, and the lock is taken');
    const takers = this.scenario.consumers.some((_, i) => this.alive(this.scenario.producers.length + i));
    if (this.phase === 0) {
      for (const [i, endpoint] of this.endpoints.entries()) {
        if (!('done' in endpoint) || !this.alive(i)) continue;
        if (takers && !endpoint.done) throw new Found(`Slot ${String(i)} waits for room for ever`);
      }
      if (takers) this.checkSettled();
    }
    this.phase++;
    if (this.phase === 1) {
      if (this.scenario.open === true) return false;
      for (const [i, endpoint] of this.endpoints.entries()) if ('done' in endpoint && this.alive(i)) machine.enqueue(machine.threads[i]!, () => endpoint.close(), 4);
      machine.enqueue(this.hostThread, () => this.host.close(), 5);
      return true;
    }
    this.checkEnd(takers);
    return false;
  }

  private alive(slot: number): boolean {
    return !this.killed.includes(slot);
  }

  private checkSettled(): void {
    for (const [item] of this.started) {
      if (this.gone.has(item) || !this.alive(producerOf(item))) continue;
      if (!this.appeared.has(item) && this.cleared > 0) continue;
      throw new Found(`Item ${String(item)} waits for ever`);
    }
    for (const item of this.appeared) if (!this.gone.has(item)) throw new Found(`Item ${String(item)} waits for ever`);
    if (this.host.cleared !== this.cleared) throw new Found('A clear waits for ever');
  }

  private checkEnd(takers: boolean): void {
    const { words, pages } = this.s;
    const { shared } = this;
    if (!takers) return;
    this.checkSettled();
    for (const [i, { closed }] of this.endpoints.entries()) if (this.alive(i) && !closed) throw new Found(`Slot ${String(i)} never learns that the queue is drained`);
    if ((words[shared.FLAGS]! & shared.ENDED) === 0) throw new Found('The queue does not end');
    if (words[shared.FREE_PAGES] !== pages) throw new Found('Pages are lost');
  }
}

/** Of an endpoint or the host: what changes. */
function fields(key: string, value: unknown): unknown {
  if (NO_STATE.has(key) || typeof value === 'function') return undefined;
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
const NO_STATE = new Set(['link', 'shared', 'world', 'options', 's', 'host', 'runtime', 'bells', 'listener']);

/** Items say who put them: so many for each. */
export const MOST_ITEMS = 16;
export function producerOf(item: number): number {
  return Math.floor(numberOf(item) / MOST_ITEMS);
}

/** The same for an item whose value the host keeps. */
function numberOf(item: number): number {
  return item >= BY_HOST ? item - BY_HOST : item;
}
