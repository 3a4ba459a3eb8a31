import type { Payload } from './payloads.js';

/**
 * Checks what a consumer receives, and times it: from the first item after the warm-up to the last one. So the start of
 * a worker and the first, slow passes through its code do not count.
 */
export class Tally<T> {
  private readonly payload: Payload<T>;
  private readonly items: number;
  private readonly warm: number;
  private readonly ordered: boolean;
  private seen = 0;
  private sum = 0;
  private startedAt = 0;
  private endedAt = 0;

  constructor(payload: Payload<T>, items: number, warm: number, ordered = true) {
    this.payload = payload;
    this.items = items;
    this.warm = warm;
    this.ordered = ordered;
  }

  see(item: T): void {
    const index = this.payload.indexOf(item);
    if (this.ordered && index !== this.seen)
      throw new Error(`Item ${index} came where item ${this.seen} was due.`);
    if (this.seen === this.warm) this.startedAt = performance.now();
    this.seen++;
    this.sum += index;
    if (this.seen === this.items + this.warm) this.endedAt = performance.now();
  }

  /** Items per second, once all have come, each of them once. */
  rate(): number {
    const total = this.items + this.warm;
    if (this.seen !== total || this.sum !== (total * (total - 1)) / 2)
      throw new Error(`${this.seen} items came, and ${total} were sent (or some came twice).`);
    // The clock starts when the first of the items is there already.
    return (Math.max(1, this.items - 1) / Math.max(this.endedAt - this.startedAt, 1e-3)) * 1000;
  }
}
