import type { Entry } from './entry.js';
import { Returned } from './returned.js';
import { Ring } from './ring.js';

/** The items that wait at their home, in order: those that came back before those that are new. */
export class Waiting {
  private readonly ring: Ring<Entry>;
  private readonly returned = new Returned();
  private claimed = 0;

  constructor(expected: number) {
    this.ring = new Ring(expected);
  }

  get length(): number {
    return this.ring.length + this.returned.length;
  }

  /** Those that woken far consumers are not about to fetch. */
  get available(): number {
    return this.ring.length + this.returned.length - this.claimed;
  }

  /** Nothing is here, and nobody is about to fetch anything. */
  get isEmpty(): boolean {
    return this.claimed === 0 && this.ring.length === 0 && this.returned.length === 0;
  }

  push(entry: Entry): void {
    this.ring.push(entry);
  }

  /** It goes back to its old place. */
  putBack(entry: Entry): void {
    this.returned.add(entry);
  }

  /** Takes the oldest out; the caller accounts for it. */
  pop(): Entry | undefined {
    return this.returned.length > 0 ? this.returned.shift() : this.ring.shift();
  }

  peek(): Entry | undefined {
    return this.returned.length > 0 ? this.returned.first : this.ring.at(0);
  }

  /** A far consumer was woken for an item, which others are not to be woken for too. */
  claim(): void {
    this.claimed++;
  }

  /** The woken ones fetch now. */
  unclaim(): void {
    this.claimed = 0;
  }
}
