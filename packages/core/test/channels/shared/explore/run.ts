import type * as driver from './driver.ts';
import type { Host } from './host-driver.ts';
import { Ledger } from './ledger.ts';
import { type Code, finish, Found, isCode, type Job, Machine, mix, type Thread } from './machine.ts';
import type { Program } from './program.ts';
import { Script } from './script.ts';
import type { Message, Shared, Words, World } from './shared.ts';

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

export type Explored = Shared & Pick<typeof driver, 'Putter' | 'Taker'> & { readonly Host: typeof Host };

export const PAGES = 64;
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
  private readonly ledger: Ledger;
  private script: Script | undefined;
  private readonly kills: Kill[];
  private readonly endpoints: (driver.Putter | driver.Taker)[] = [];
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
    this.ledger = new Ledger(scenario, shared, s, this);
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
    for (const [i, endpoint] of this.endpoints.entries()) this.machine.enqueue(this.machine.threads[i]!, () => endpoint.start(), 1, 'start');
    this.machine.enqueue(this.hostThread, () => this.host.start(), 1, 'start');
    if (scenario.listening === true) for (const thread of this.machine.threads) while (thread.runnable) this.machine.step(thread);
    for (const [i, endpoint] of this.endpoints.entries()) this.machine.enqueue(this.machine.threads[i]!, () => endpoint.begin(), 2, 'begin');
    for (let i = 0; i < (scenario.clears ?? 0); i++) this.machine.enqueue(this.hostThread, () => this.host.clear(), 2, 'clear');
  }

  /** From its beginning on. */
  record(): Script {
    return (this.script ??= new Script(this.scenario, this.machine, this.s.words));
  }

  // --- the machine --------------------------------------------------------------------------------------------------

  /** Those that can go on; none when all is over. */
  runnable(): Thread[] {
    for (;;) {
      const found = this.machine.threads.filter((thread) => thread.runnable);
      if (found.length > 0) return found;
      if (this.machine.waitsAt(this.shared.LOCK)) {
        // Who was to wake them may be dead, and nobody has heard of it.
        if (this.unheard === 0) this.ledger.checkWoken();
        if (this.machine.timeOut()) {
          this.script?.add({ kind: 'time out' });
          continue;
        }
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
    this.script?.goes(thread);
    machine.step(thread);
    const lockNow = s.words[shared.LOCK]!;
    if (lockNow >> shared.LOCK_NAME === thread.holder || lock >> shared.LOCK_NAME === thread.holder) {
      thread.history = mix(thread.history, data);
      this.known = false;
    }
    // Between two jobs all that it knows is in its fields, however it came there.
    if (this.marks && thread.current === undefined && thread.micro.length === 0) thread.history = this.local(thread);
    const freed = lock !== 0 && lockNow === 0;
    this.script?.went(thread, freed);
    if (freed) this.ledger.check();
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
      this.script?.add({ kind: 'kill', thread: thread.index });
      const { slot } = this.endpoints[thread.index]!;
      this.killed.push(slot);
      this.unheard++;
      machine.enqueue(this.hostThread, () => this.lose(slot, false), mix(31, slot), `lose ${slot}`);
    }
  }

  private replaceHost(): void {
    const { machine, hostThread: dead, recovering } = this;
    const { jobs } = dead;
    const pending = [...jobs];
    machine.kill(dead);
    this.host = new this.shared.Host(this.shared, new this.shared.Words(this.s.words.buffer as SharedArrayBuffer, PAGES), this, this.host);
    this.hostThread = machine.addThread('next host', this.shared.HOST_HOLDER);
    machine.enqueue(this.hostThread, () => this.host.start(), 1, 'start');
    if (recovering !== undefined) machine.enqueue(this.hostThread, () => this.lose(recovering.slot, true), 3, `lose ${recovering.slot}`);
    for (const { job, tag, source } of pending) machine.enqueue(this.hostThread, job, tag, source);
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
    if (message[0] === this.shared.TO_HOST.KEEP) this.ledger.keeps(message[1] as number, message[2] as number[]);
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

  starts(item: number): void {
    this.ledger.starts(item);
  }

  shown(slot: number, item: number, attempt: number): void {
    this.ledger.shown(slot, item, attempt);
  }

  acks(item: number): void {
    this.ledger.acks(item);
  }

  gives(): void {}

  clears(): void {
    this.ledger.clears();
  }

  // --- how far it is ------------------------------------------------------------------------------------------------

  isDone(slot: number): boolean {
    const endpoint = this.endpoints[slot]!;
    return 'done' in endpoint && endpoint.done;
  }

  isClosed(slot: number): boolean {
    return this.endpoints[slot]!.closed;
  }

  cleared(): number {
    return this.host.cleared;
  }

  /** Nobody has anything to do. */
  private nextPhase(): boolean {
    const { machine } = this;
    this.phase++;
    if (this.phase > 1) {
      this.ledger.checkEnd();
      this.script?.end(this.s.words);
      return false;
    }
    this.ledger.checkRest();
    if (this.scenario.open === true) return false;
    for (const [i, endpoint] of this.endpoints.entries()) if ('done' in endpoint && !this.killed.includes(i)) machine.enqueue(machine.threads[i]!, () => endpoint.close(), 4, 'close');
    machine.enqueue(this.hostThread, () => this.host.close(), 5, 'close');
    this.script?.add({ kind: 'close' });
    return true;
  }
}

/** Of an endpoint or the host: what changes. */
function fields(key: string, value: unknown): unknown {
  if (NO_STATE.has(key) || typeof value === 'function') return undefined;
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
const NO_STATE = new Set(['link', 'shared', 'world', 'options', 's', 'host', 'runtime', 'bells', 'listener']);
