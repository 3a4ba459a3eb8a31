import type { Payload } from './payloads.js';

/** What one of several consumers has to tell. */
export interface LedgerPage {
  /** How often it saw each item. */
  readonly seen: Uint8Array;
  /** So many items lie between two marks. */
  readonly stride: number;
  /** The times, in ms of the machine's own clock, at which it had seen another `stride` items. */
  readonly marks: readonly number[];
}

/** About how many marks a consumer makes. */
const MARKS = 200;

/** All threads of a machine read the same clock. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** What one of several consumers notes of the items that it gets: that none is lost, judges who has the notes of all. */
export class Ledger<T> {
  private readonly payload: Payload<T>;
  private readonly seen: Uint8Array;
  private readonly last: Int32Array;
  private readonly ordered: boolean;
  private readonly stride: number;
  private readonly marks: number[] = [];
  private untilMark: number;

  /**
   * The item with index i comes from producer i % `producers`. With several consumers, what one has not begun may be given
   * to another that has had later items: order is looked at with one only.
   */
  constructor(payload: Payload<T>, total: number, producers: number, consumers: number) {
    this.payload = payload;
    this.ordered = consumers === 1;
    this.seen = new Uint8Array(total);
    this.last = new Int32Array(producers).fill(-1);
    this.untilMark = this.stride = Math.max(1, Math.floor(total / consumers / MARKS));
  }

  see(item: T): void {
    const index = this.payload.indexOf(item);
    const producer = index % this.last.length;
    const before = this.last[producer];
    if (before === undefined || index >= this.seen.length)
      throw new Error(`Something came that was not put (${String(index)}).`);
    if (this.ordered && index <= before)
      throw new Error(
        `Item ${String(index)} came after item ${String(before)} of the same producer.`,
      );
    this.last[producer] = index;
    this.seen[index]!++;
    if (--this.untilMark > 0) return;
    this.untilMark = this.stride;
    this.marks.push(now());
  }

  page(): LedgerPage {
    return { seen: this.seen, stride: this.stride, marks: this.marks };
  }
}

/** Items per second after the first `warm` ones; fails unless each item came once. */
export function judge(pages: readonly LedgerPage[], total: number, warm: number): number {
  const times = new Uint16Array(total);
  for (const { seen } of pages) seen.forEach((count, index) => (times[index]! += count));
  const lost = times.filter((count) => count === 0).length;
  if (lost > 0) throw new Error(`${String(lost)} of ${String(total)} items were lost.`);
  const twice = times.filter((count) => count > 1).length;
  if (twice > 0) throw new Error(`${String(twice)} of ${String(total)} items came more than once.`);
  const marks = pages
    .flatMap(({ marks, stride }) => marks.map((at) => ({ at, stride })))
    .sort((a, b) => a.at - b.at);
  let seen = 0;
  const first = marks.findIndex(({ stride }) => (seen += stride) >= warm);
  const counted = marks.slice(first + 1).reduce((sum, { stride }) => sum + stride, 0);
  const ms = (marks.at(-1)?.at ?? 0) - (marks[first]?.at ?? 0);
  return (Math.max(1, counted) / Math.max(ms, 1e-3)) * 1000;
}
