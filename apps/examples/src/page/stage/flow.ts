/** How long, in ms, a dot flies; all that is seen behind it is seen that much later. */
export const FLIGHT = 550;
/** Over this time, in ms, the dots of one report are spread. */
const SPREAD = 60;
/** About how many dots a second leave the producers, at the most. */
const DENSE = 90;
/** How many slots of the queue are drawn, at the most. */
const SLOTS = 128;

export type End = 'producer' | 'consumer' | 'queue' | 'away';

/** An item, or several, on the way from one place to another. */
export interface Dot {
  readonly from: End;
  readonly to: End;
  /** Which producer or consumer. */
  readonly index: number;
  readonly begin: number;
  readonly hue: number;
  readonly again: boolean;
}

interface Planned {
  readonly at: number;
  readonly act: (at: number) => void;
}

/** Each producer's items have their own. */
const HUES = [255, 190, 305, 150, 275, 220, 335, 170];

/** The hue of a producer's items. */
export function hueOf(producer: number): number {
  return HUES[producer % HUES.length]!;
}

/** 1, 2, 5, 10 and so on: the first that is not below. */
export function rounded(atLeast: number): number {
  if (atLeast <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= atLeast - 1e-9)!;
}

/** What is to be seen of a line. It knows counts, not items: at high rates a dot stands for many. */
export class Flow {
  /** How many items a dot, and a slot, stands for. */
  perDot = 1;
  readonly perSlot: number;
  readonly slots: number;
  readonly dots: Dot[] = [];
  /** Hues of what is in the queue, the one that is taken next first. */
  readonly cells: number[] = [];
  /** What each consumer has in hand. */
  readonly hands = new Map<number, number>();
  private readonly still: boolean;
  private readonly planned: Planned[] = [];
  /** Parts of dots that were not shown yet. */
  private readonly rests = new Map<string, number>();
  private made = 0;
  private since: number | undefined;
  private level = 0;
  /** The latest producer's hue that came in: of what nobody saw come. */
  private hue = hueOf(0);

  /** @param still - nothing flies: for people who do not want things to move */
  constructor(capacity: number, still: boolean) {
    this.perSlot = rounded(capacity / SLOTS);
    this.slots = Math.ceil(capacity / this.perSlot);
    this.still = still;
  }

  /** Whether something is still to be seen. */
  get busy(): boolean {
    return this.dots.length > 0 || this.planned.length > 0;
  }

  accepted(now: number, producer: number, items: number): void {
    this.adapt(now, items);
    this.fly(
      now,
      { from: 'producer', to: 'queue', index: producer, hue: hueOf(producer), again: false },
      items,
    );
  }

  /** A closed gate sends them away. */
  refused(now: number, producer: number, items: number): void {
    this.adapt(now, items);
    this.fly(
      now,
      { from: 'producer', to: 'away', index: producer, hue: hueOf(producer), again: false },
      items,
    );
  }

  dropped(now: number, items: number): void {
    this.later(now, (at) => {
      this.fly(
        at,
        { from: 'queue', to: 'away', index: 0, hue: this.cells[0] ?? this.hue, again: false },
        items,
      );
    });
  }

  took(now: number, consumer: number, items: number, again: boolean): void {
    this.later(now, (at) => {
      this.fly(
        at,
        { from: 'queue', to: 'consumer', index: consumer, hue: this.cells[0] ?? this.hue, again },
        items,
      );
    });
  }

  /** A consumer is gone, and what it had in hand goes back. */
  gaveBack(now: number, consumer: number, items: number): void {
    this.hands.set(consumer, 0);
    if (items === 0) return;
    // However few they are, they are to be seen.
    const shown = Math.max(items, this.perDot);
    this.fly(now, { from: 'consumer', to: 'queue', index: consumer, hue: 0, again: true }, shown);
  }

  inHand(now: number, consumer: number, items: number): void {
    this.plan(now + (this.still ? 0 : 2 * FLIGHT), () => this.hands.set(consumer, items));
  }

  size(now: number, items: number): void {
    this.later(now, () => (this.level = items));
  }

  /** Moves on to the moment. */
  advance(now: number): void {
    const { planned, dots, cells } = this;
    while (planned.length > 0 && planned[0]!.at <= now) {
      const { act, at } = planned.shift()!;
      act(at);
    }
    let kept = 0;
    for (const dot of dots) {
      if (now - dot.begin < FLIGHT) dots[kept++] = dot;
      else if (dot.to === 'queue' && !dot.again) this.cameIn(dot.hue);
    }
    dots.length = kept;
    const shown = Math.min(this.slots, Math.ceil(this.level / this.perSlot));
    if (cells.length > shown) cells.splice(0, cells.length - shown);
    while (cells.length < shown) cells.push(this.hue);
  }

  /** What came in colours the end of the queue; how long that is, its size alone says. */
  private cameIn(hue: number): void {
    this.hue = hue;
    const rest = (this.rests.get('in') ?? 0) + this.perDot / this.perSlot;
    const whole = Math.floor(rest);
    this.rests.set('in', rest - whole);
    for (let i = Math.min(whole, this.slots); i > 0; i--) this.cells.push(hue);
  }

  private fly(now: number, dot: Omit<Dot, 'begin'>, items: number): void {
    if (this.still || items <= 0) return;
    const key = `${dot.from} ${dot.to} ${String(dot.index)}`;
    const rest = (this.rests.get(key) ?? 0) + items / this.perDot;
    const whole = Math.min(Math.floor(rest + 1e-9), 24);
    this.rests.set(key, rest - Math.floor(rest + 1e-9));
    for (let i = 0; i < whole; i++)
      this.plan(now + (i * SPREAD) / whole, (begin) => this.dots.push({ ...dot, begin }));
  }

  private later(now: number, act: (at: number) => void): void {
    this.plan(now + (this.still ? 0 : FLIGHT), act);
  }

  private plan(at: number, act: (at: number) => void): void {
    const { planned } = this;
    let place = planned.length;
    while (place > 0 && planned[place - 1]!.at > at) place--;
    planned.splice(place, 0, { at, act });
  }

  /** Lets a dot stand for more, or fewer, when there would be too many of them, or too few. */
  private adapt(now: number, items: number): void {
    this.made += items;
    this.since ??= now;
    const seconds = (now - this.since) / 1000;
    if (seconds < 0.4) return;
    const perSecond = this.made / seconds;
    const wanted = rounded(perSecond / DENSE);
    if (wanted > this.perDot || wanted < this.perDot / 2) {
      this.perDot = wanted;
      this.rests.clear();
    }
    this.made = 0;
    this.since = now;
  }
}
