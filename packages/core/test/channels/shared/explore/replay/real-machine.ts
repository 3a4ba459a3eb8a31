import { type Job, Later, Machine, Parks, type Source, type Waiter } from '../machine.ts';
import {
  type Control,
  nextTurn,
  PLACES,
  SLEEPS,
  tell,
  TURN,
  WATCHES,
  WOKEN,
  wordOf,
} from './control.ts';

interface AsyncWait {
  readonly async: boolean;
  readonly value: Promise<unknown> | string;
}
/** As in bells.ts. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(words: Int32Array, at: number, value: number): AsyncWait;
};

/** Resolves when the word is another. */
export async function differs(words: Int32Array, at: number, value: number): Promise<void> {
  const wait = waitAsync(words, at, value);
  if (wait.async) await wait.value;
}

/** A sleep as the code has asked for it. */
export interface Sleep {
  readonly words: Int32Array;
  readonly at: number;
  readonly value: number;
  readonly timeout: number | undefined;
}

/** The machine of one real thread: what the code does to shared memory is done to memory that is shared. */
export class RealMachine extends Machine {
  /** Where it is about to fall asleep. */
  sleep: Sleep | undefined;
  over = false;
  private readonly control: Control;
  private readonly place: number;
  private readonly lock: number;
  /** Something has come for this thread. */
  private readonly arrived: (source: Source, job: Job) => void;

  constructor(
    control: Control,
    place: number,
    lock: number,
    arrived: (source: Source, job: Job) => void,
  ) {
    super();
    this.control = control;
    this.place = place;
    this.lock = lock;
    this.arrived = arrived;
  }

  override atomics(sleeps: boolean): object {
    const note = this.note.bind(this);
    const self = (): RealMachine => this;
    return {
      load: (words: Int32Array, at: number) => note(Atomics.load(words, at)),
      store: (words: Int32Array, at: number, value: number) => Atomics.store(words, at, value),
      add: (words: Int32Array, at: number, by: number) => Atomics.add(words, at, by),
      exchange: (words: Int32Array, at: number, value: number) =>
        note(Atomics.exchange(words, at, value)),
      compareExchange: (words: Int32Array, at: number, expected: number, value: number) =>
        note(Atomics.compareExchange(words, at, expected, value)),
      notify: (words: Int32Array, at: number, most?: number) => self().rouse(words, at, most),
      wait: function* (
        words: Int32Array,
        at: number,
        value: number,
        timeout?: number,
      ): Generator<Parks, unknown> {
        if (!sleeps) throw new TypeError('This thread may not sleep.');
        if (note(Atomics.load(words, at)) !== value) return 'not-equal';
        self().sleep = { words, at, value, timeout };
        const woken: unknown = yield new Parks(self().waiter(words, at, timeout !== undefined));
        return woken;
      },
      waitAsync: (words: Int32Array, at: number, value: number) => {
        note(Atomics.load(words, at));
        const { async, value: woken } = waitAsync(words, at, value);
        return async
          ? { async, value: self().later(words, at, woken as Promise<unknown>) }
          : { async, value: woken };
      },
    };
  }

  /**
   * Those that have waited longest, asleep or by a promise. Who has said that it sleeps may not have fallen asleep yet: it is to
   * be woken too. Who is not meant, and hears of it, sleeps again; a promise may be kept early, since what follows it waits
   * until the schedule says so.
   */
  private rouse(words: Int32Array, at: number, most = Infinity): number {
    const { control } = this;
    const places = Array.from({ length: PLACES }, (_, place) => place);
    const asleep = places
      .filter((place) => Atomics.load(control, wordOf(place, SLEEPS)) === at + 1)
      .map((place) => ({ place, since: Atomics.load(control, wordOf(place, TURN)), sleeps: true }));
    const watching = places
      .map((place) => ({ place, since: this.watches(place, at), sleeps: false }))
      .filter(({ since }) => since !== 0);
    const meant = [...asleep, ...watching].sort((a, b) => a.since - b.since).slice(0, most);
    for (const { place, sleeps } of meant) {
      if (sleeps) tell(control, wordOf(place, WOKEN), 1);
      else Atomics.store(control, wordOf(place, WATCHES), 0);
    }
    let woken =
      most > meant.length || meant.some(({ sleeps }) => !sleeps) ? Atomics.notify(words, at) : 0;
    for (const { place, sleeps } of meant) {
      while (sleeps && Atomics.load(control, wordOf(place, SLEEPS)) === at + 1) {
        // Until it says that it is awake, or for another try.
        Atomics.wait(control, wordOf(place, SLEEPS), at + 1, 1);
        woken += Atomics.notify(words, at);
      }
    }
    return woken;
  }

  /** Bells wake whoever waits: only of the lock the order counts. */
  private watches(place: number, at: number): number {
    return at === this.lock ? Atomics.load(this.control, wordOf(place, WATCHES)) : 0;
  }

  private waiter(words: Int32Array, at: number, timed: boolean): Waiter {
    return { thread: this.threads[0]!, words, at, timed, woken: undefined, then: undefined };
  }

  private later(words: Int32Array, at: number, woken: Promise<unknown>): Later {
    const waiter = this.waiter(words, at, false);
    if (at === this.lock)
      Atomics.store(this.control, wordOf(this.place, WATCHES), nextTurn(this.control));
    void woken.then(() => {
      if (this.over) return;
      this.arrived(`wake ${at}`, () => waiter.then?.('ok'));
    });
    return new Later(waiter);
  }
}
