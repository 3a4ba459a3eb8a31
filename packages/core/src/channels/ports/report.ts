import type { FetchedBlock } from './fetched.js';
import { TO_HOME } from './messages.js';

/** Items of a block that follow each other. */
export interface Range {
  readonly block: FetchedBlock;
  readonly index: number;
  readonly count: number;
}

/** What a consumer has to tell its home: collected as ranges, sent as one message. */
export class Report {
  /** Items begun since the last report: their room is free again, once their home hears of it. */
  freed = 0;
  /** Items begun, shown or done since the last report. */
  items = 0;
  /** Change in how many items are asked for. */
  demand = 0;
  /** The latest block that has come: what of it is not begun by then is not begun at once. */
  received = 0;
  private readonly touched: FetchedBlock[] = [];
  private acks: number[] = [];
  private held: number[] = [];
  private shown: number[] = [];
  private waitingSent = 0;
  private receivedSent = 0;

  /** Its home wants to hear of nothing before this. */
  renew(): void {
    this.items = this.freed = this.demand = this.waitingSent = this.touched.length = 0;
    this.acks = [];
    this.held = [];
    this.shown = [];
    this.receivedSent = this.received;
  }

  begun(block: FetchedBlock, count: number): void {
    this.items += count;
    this.freed += count;
    if (this.touched.at(-1) !== block) this.touched.push(block);
  }

  acked({ block, index, count }: Range): void {
    this.items += count;
    extend(this.acks, block, index, count);
  }

  /** What was begun is held back from user code for now. */
  holds({ block, index, count }: Range): void {
    extend(this.held, block, index, count);
  }

  /** User code has got what was held back. */
  shows({ block, index, count }: Range): void {
    this.items += count;
    extend(this.shown, block, index, count);
  }

  /** The message, or undefined when there is nothing to tell. `waiting` is how many takers wait now. */
  cut(waiting: number): readonly unknown[] | undefined {
    const told = waiting === this.waitingSent && this.received === this.receivedSent;
    if (this.items === 0 && this.demand === 0 && told) return undefined;
    const begun: number[] = [];
    for (const block of this.touched) {
      if (block.reported === block.next) continue;
      begun.push(block.id, block.next);
      block.reported = block.next;
    }
    const message: unknown[] = [TO_HOME.REPORT, begun, this.acks, this.demand, waiting, this.received];
    if (this.held.length + this.shown.length > 0) {
      message.push(this.held, this.shown);
      this.held = [];
      this.shown = [];
    }
    this.touched.length = 0;
    this.acks = [];
    this.items = 0;
    this.freed = 0;
    this.demand = 0;
    this.waitingSent = waiting;
    this.receivedSent = this.received;
    return message;
  }
}

/** Adds items to ranges `[block, from, to]*`: mostly they follow the one before. */
function extend(ranges: number[], { id }: FetchedBlock, index: number, count: number): void {
  const end = ranges.length;
  if (end > 0 && ranges[end - 3] === id && ranges[end - 1] === index) ranges[end - 1] = index + count;
  else ranges.push(id, index, index + count);
}
