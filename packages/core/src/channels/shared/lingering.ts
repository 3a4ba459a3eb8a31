import { platform, systemRuntime } from '../../runtime/runtime.js';
import { type Bells, type Listening, sharedBells } from './bells.js';
import { bellOf, heardOf, lingersOf, type Words } from './words.js';

/** How long a thread looks at its bell before it sleeps, in ms: about what it takes until it is woken, and has answered. */
const LINGER = 0.1;
/** So many looks are between two looks at the clock; and at the most so many in all, where the clock is too coarse. */
const LOOKS = 100;
const MOST_LOOKS = 1000 * LOOKS;
/** Where a ring did not come in time, the next waits go without: one, then twice as many and one, up to so many. */
const MOST_SKIPPED = 255;
/** So do the first waits: many an endpoint waits no more often than that. */
const FIRST_SKIPPED = 3;

/**
 * Bells for threads that answer each other quickly: who waits looks for a moment before it sleeps, since waking it costs both
 * more than that. Where nobody is as quick, or all processors have other work, it soon gives that up.
 */
export const lingeringBells: Bells = Object.freeze({
  ...sharedBells,
  listen: (s: Words, slot: number, look: () => void) => new Lingering(s, slot, look),
});

class Lingering implements Listening {
  private readonly s: Words;
  private readonly slot: number;
  private readonly look: () => void;
  private readonly sleeping: Listening;
  private heard: number;
  private open = true;
  private due = false;
  private owner = 0;
  private skip = FIRST_SKIPPED;
  private skipped = 0;

  constructor(s: Words, slot: number, look: () => void) {
    this.s = s;
    this.slot = slot;
    this.look = look;
    this.heard = this.bell();
    this.sleeping = sharedBells.listen(s, slot, () => {
      this.heard = this.bell();
      look();
    });
  }

  expect(owner: number): void {
    if (this.due || !this.open) return;
    this.owner = owner;
    if (this.skipped < this.skip) {
      this.skipped++;
      return;
    }
    this.due = true;
    systemRuntime.defer(this.linger);
  }

  end(): void {
    this.open = false;
    this.sleeping.end();
  }

  /** Looking may have ended it. */
  private isOpen(): boolean {
    return this.open;
  }

  private bell(): number {
    return Atomics.load(this.s.words, bellOf(this.slot));
  }

  private readonly linger = (): void => {
    this.due = false;
    if (!this.open) return;
    const { words } = this.s;
    Atomics.store(words, lingersOf(this.slot), this.owner);
    const until = platform.performance.now() + LINGER;
    for (let looks = 0; this.bell() === this.heard && looks < MOST_LOOKS; looks++)
      if (looks % LOOKS === LOOKS - 1 && platform.performance.now() > until) break;
    Atomics.store(words, lingersOf(this.slot), 0);
    const rung = this.bell();
    this.skipped = 0;
    if (rung === this.heard) this.skip = Math.min(MOST_SKIPPED, 2 * this.skip + 1);
    else {
      this.skip = 0;
      this.heard = rung;
      this.look();
      if (this.isOpen()) Atomics.store(words, heardOf(this.slot), rung);
    }
  };
}
