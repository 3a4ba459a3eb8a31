import type { Putter } from './backend.js';
import { Line } from './line.js';

/** The puts of one producer endpoint that wait for room, served strictly in order. */
export class PutLine {
  private readonly line = new Line<Putter>();
  /** How many values wait. */
  wants = 0;
  /** How many of these only ask whether there is room. */
  private roomOnly = 0;

  /** How many values wait that will be put. */
  get puts(): number {
    return this.wants - this.roomOnly;
  }

  join(putter: Putter): void {
    this.line.join(putter);
    this.wants += putter.values.length - putter.next;
    if (putter.roomOnly) this.roomOnly++;
  }

  leave(putter: Putter): void {
    if (!this.line.leave(putter)) return;
    this.wants -= putter.values.length - putter.next;
    if (putter.roomOnly) this.roomOnly--;
  }

  /**
   * Hands the next `n` values to `accept`, which fails a putter by throwing: the rest of that putter is given up. Answers
   * how many of the `n` were not used.
   */
  serve(n: number, accept: (value: unknown, putter: Putter) => void): number {
    let left = n;
    while (left > 0) {
      const putter = this.line.head;
      if (putter === undefined) break;
      if (putter.roomOnly) {
        this.leave(putter);
        putter.answer('accepted');
        continue;
      }
      const value = putter.values[putter.next];
      putter.next++;
      this.wants--;
      if (putter.next === putter.values.length) this.line.leave(putter);
      try {
        accept(value, putter);
        left--;
      } catch (error) {
        this.leave(putter);
        putter.fail(error);
      }
    }
    return left;
  }

  failAll(error: unknown): void {
    for (let putter = this.line.head; putter !== undefined; putter = this.line.head) {
      this.leave(putter);
      putter.fail(error);
    }
  }

  /** Fails the putter that joined last. */
  failLast(error: unknown): void {
    let last: Putter | undefined;
    for (const putter of this.line) last = putter;
    if (last === undefined) return;
    this.leave(last);
    last.fail(error);
  }
}
