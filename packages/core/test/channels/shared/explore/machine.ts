/**
 * A machine of simulated threads, each with an event loop, in one real one. A thread's code is a generator that stops before
 * each access to what is shared; whoever drives the machine says which one goes on.
 */

export type Code = Generator<unknown, unknown>;
/** What a thread does: all at once, or as a generator. */
export type Job = () => unknown;

/** Where a job comes from: what its thread was told at first, or by whom it was sent, or at which word it was woken. */
export type Source = 'start' | 'begin' | 'clear' | 'close' | `lose ${number}` | `from ${number}` | `wake ${number}`;

export interface Waiter {
  readonly thread: Thread;
  readonly words: Int32Array;
  readonly at: number;
  readonly timed: boolean;
  woken: 'ok' | 'timed-out' | undefined;
  /** Of a promise: what follows. */
  then: ((value: string) => unknown) | undefined;
}

/** In the place of a promise: what follows when it is woken. */
export class Later {
  private readonly waiter: Waiter;

  constructor(waiter: Waiter) {
    this.waiter = waiter;
  }

  then(then: (value: string) => unknown): void {
    this.waiter.then = then;
  }
}

/** What the code says when it sleeps. */
export class Parks {
  readonly waiter: Waiter;
  constructor(waiter: Waiter) {
    this.waiter = waiter;
  }
}

export function isCode(value: unknown): value is Code {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

/** Where nobody else runs yet. */
export function finish<T>(value: T): T {
  const code: unknown = value;
  if (!isCode(code)) return value;
  for (;;) {
    const { done, value: answer } = code.next();
    if (done === true) return answer as T;
  }
}

export class Thread {
  readonly name: string;
  readonly index: number;
  /** By which the lock knows it. */
  readonly holder: number;
  readonly jobs: { readonly job: Job; readonly tag: number; readonly source: Source }[] = [];
  readonly micro: Job[] = [];
  current: Code | undefined;
  sleeps: Waiter | undefined;
  dead = false;
  /** What it is about to do. */
  next: unknown;
  steps = 0;
  /** Stands for all that it has seen, which with its code is its state. */
  history = 1;
  /** Stands for its steps, and what it saw in them. */
  trace = 1;

  constructor(name: string, index: number, holder: number) {
    this.name = name;
    this.index = index;
    this.holder = holder;
  }

  get runnable(): boolean {
    if (this.dead) return false;
    if (this.current !== undefined) return this.sleeps === undefined || this.sleeps.woken !== undefined;
    return this.jobs.length > 0 || this.micro.length > 0;
  }

  /** Where the job is from that its next step begins. */
  get begins(): Source | undefined {
    return this.current === undefined && this.micro.length === 0 ? this.jobs[0]?.source : undefined;
  }

  /** Its state, and what waits for it. */
  get mark(): number {
    let mark = mix(this.history, this.dead ? 7 : this.sleeps === undefined ? 3 : this.sleeps.woken === undefined ? 5 : 6);
    for (const { tag } of this.jobs) mark = mix(mark, tag);
    return mix(mark, this.micro.length);
  }
}

/** Stands for what a thread is about to do. */
function stopMark(next: unknown): number {
  return typeof next === 'string' ? next.length * 128 + next.charCodeAt(0) : next === undefined ? 0 : 1;
}

/** What a schedule has brought to light. */
export class Found extends Error {}

export function mix(hash: number, value: number): number {
  let h = (Math.imul(hash ^ Math.imul(value + 0x3779b9, 0x2d51cc9e), 0x1b873593) + 0x6546b64) | 0;
  h ^= h >>> 15;
  h = Math.imul(h, 0x45ca6b85);
  return h ^ (h >>> 13);
}

export class Machine {
  readonly threads: Thread[] = [];
  running: Thread | undefined;
  private readonly waiters: Waiter[] = [];
  /** The latest answer of an atomic access. */
  private saw = 0;

  addThread(name: string, holder: number): Thread {
    const thread = new Thread(name, this.threads.length, holder);
    this.threads.push(thread);
    return thread;
  }

  /** The tag stands for what the job is. */
  enqueue(thread: Thread, job: Job, tag: number, source: Source): void {
    if (!thread.dead) thread.jobs.push({ job, tag, source });
  }

  /** A message, whose content follows from what its sender has seen. */
  send(thread: Thread, job: Job): void {
    this.enqueue(thread, job, mix(this.running?.mark ?? 0, 77), `from ${this.running?.index ?? -1}`);
  }

  /** Behind the job that runs. */
  soon(job: Job): void {
    this.running?.micro.push(job);
  }

  /** A thread goes on until before its next access. */
  step(thread: Thread): void {
    this.running = thread;
    thread.steps++;
    this.saw = 0;
    let answer: string | undefined;
    if (thread.sleeps !== undefined) {
      answer = thread.sleeps.woken;
      thread.sleeps = undefined;
      thread.history = mix(thread.history, answer === 'ok' ? 11 : 12);
    }
    if (thread.current === undefined) {
      const micro = thread.micro.shift();
      const next = micro === undefined ? thread.jobs.shift() : undefined;
      const job = micro ?? next?.job;
      if (job === undefined) throw new Error(`${thread.name} has nothing to do.`);
      thread.history = mix(thread.history, next?.tag ?? 13);
      const made = job();
      if (isCode(made)) thread.current = made;
    }
    if (thread.current !== undefined) {
      const { done, value } = thread.current.next(answer);
      thread.next = done === true ? undefined : value;
      if (done === true) thread.current = undefined;
      else if (value instanceof Parks) thread.sleeps = value.waiter;
    }
    thread.history = mix(thread.history, this.saw);
    thread.trace = mix(mix(thread.trace, this.saw), stopMark(thread.next));
    this.running = undefined;
  }

  kill(thread: Thread): void {
    thread.dead = true;
    thread.current = undefined;
    thread.sleeps = undefined;
    thread.jobs.length = 0;
    thread.micro.length = 0;
    for (let i = this.waiters.length - 1; i >= 0; i--) if (this.waiters[i]!.thread === thread) this.waiters.splice(i, 1);
  }

  /** Whoever sleeps for a time goes on; answers whether there was anybody. */
  timeOut(): boolean {
    let any = false;
    for (const { waiter } of this.asleep())
      if (waiter.timed) {
        any = true;
        this.wake(waiter, 'timed-out');
      }
    return any;
  }

  /** Whoever waits for a change of this word. */
  waitsAt(at: number): boolean {
    return this.waiters.some((waiter) => waiter.at === at);
  }

  private asleep(): { waiter: Waiter }[] {
    return this.waiters.map((waiter) => ({ waiter }));
  }

  private wake(waiter: Waiter, how: 'ok' | 'timed-out'): void {
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
    const { then, thread } = waiter;
    if (waiter.then !== undefined)
      this.enqueue(thread, () => then?.(how), mix(29, waiter.at), `wake ${waiter.at}`);
    waiter.woken = how;
  }

  protected note(value: number): number {
    this.saw = mix(this.saw, value);
    return value;
  }

  private newWaiter(words: Int32Array, at: number, timed: boolean): Waiter {
    const waiter: Waiter = { thread: this.running!, words, at, timed, woken: undefined, then: undefined };
    this.waiters.push(waiter);
    return waiter;
  }

  /** What the code finds in the place of `Atomics`. */
  atomics(sleeps: boolean): object {
    // It is called by generated code alone.
    const note = this.note.bind(this);
    const self = (): Machine => this;
    return {
      load: (words: Int32Array, at: number) => note(words[at]!),
      store: (words: Int32Array, at: number, value: number) => (words[at] = value),
      add: (words: Int32Array, at: number, by: number) => {
        words[at] = words[at]! + by;
        return words[at] - by;
      },
      exchange: (words: Int32Array, at: number, value: number) => {
        const was = words[at]!;
        words[at] = value;
        return note(was);
      },
      compareExchange: (words: Int32Array, at: number, expected: number, value: number) => {
        const was = words[at]!;
        if (was === expected) words[at] = value;
        return note(was);
      },
      notify: (words: Int32Array, at: number, most = Infinity) => {
        let woken = 0;
        for (const { waiter } of self().asleep())
          if (woken < most && waiter.words.buffer === words.buffer && waiter.at === at) {
            self().wake(waiter, 'ok');
            woken++;
          }
        return woken;
      },
      wait: function* (words: Int32Array, at: number, value: number, timeout?: number): Generator<Parks | undefined, unknown> {
        if (!sleeps) throw new TypeError('This thread may not sleep.');
        if (note(words[at]!) !== value) return 'not-equal';
        const woken: unknown = yield new Parks(self().newWaiter(words, at, timeout !== undefined));
        return woken;
      },
      waitAsync: (words: Int32Array, at: number, value: number) => {
        if (note(words[at]!) !== value) return { async: false, value: 'not-equal' };
        const waiter = self().newWaiter(words, at, false);
        return { async: true, value: new Later(waiter) };
      },
    };
  }

  /** Runs what is asynchronous: up to its first `await` as part of the caller, the rest when that is settled. */
  *start(code: Code): Code {
    for (let answer: unknown; ; ) {
      const { done, value } = code.next(answer);
      if (done === true) return undefined;
      if (typeof value === 'object' && value !== null && 'awaits' in value) {
        const { awaits } = value;
        const goOn = (): Code => this.start(code);
        // The platform's own promises are settled here.
        if (awaits instanceof Later) awaits.then(goOn);
        else this.soon(goOn);
        return undefined;
      }
      answer = yield value;
    }
  }
}
