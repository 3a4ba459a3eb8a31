import { BLOCK_ITEMS } from './messages.js';
import type { Report } from './report.js';

/** Two blocks, where a link does not say: one to work on while the next is under way. */
const MOST_AHEAD = 2 * BLOCK_ITEMS;
const REPORTS = 4;

/** How many items a consumer asks for: ahead of need the more, the faster it uses what comes. */
export class Demand {
  /** Items asked for and not here yet. Below zero, what was asked for and then given up is under way. */
  wanted = 0;
  /** Whether the last turn used more than one item: this one will too, and its first report can wait for the others. */
  busy = false;
  private readonly report: Report;
  /** Lossy queues fetch nothing ahead: what lies here could not be dropped. */
  private readonly ahead: boolean;
  private readonly most: number;
  private readonly reports: number;
  /** How many items to have here or under way: doubled while it turns out too few. */
  private window = 1;
  private usedInTurn = 0;

  constructor(report: Report, ahead: boolean, most = MOST_AHEAD, reports = REPORTS) {
    this.report = report;
    this.ahead = ahead;
    this.most = most;
    this.reports = reports;
  }

  /** What was asked for is not coming. */
  renew(): void {
    this.wanted = 0;
  }

  used(items: number): void {
    this.usedInTurn += items;
  }

  /**
   * So many wait, one of whom can use up to `most` items at once, and so many items are here: asks for what is missing, or for
   * the window if they will ask again at once.
   */
  needs(waiting: number, here: number, again: boolean, most: number): void {
    let target = waiting;
    if (this.ahead) target += Math.min(most, BLOCK_ITEMS) - 1;
    if (again && this.ahead) {
      if (this.usedInTurn >= this.window && this.window < this.most) this.window *= 2;
      target = Math.max(target, this.window);
    }
    this.raise(target - here);
  }

  /** While items are used in a run, more are fetched before they run out. */
  topUp(here: number): void {
    if (this.ahead && this.window > 1 && this.wanted + here <= this.window / 2) this.raise(this.window - here);
  }

  /** Others were in need of what lies here: less of it is kept ahead. */
  shrink(): void {
    this.window = Math.max(1, this.window / 2);
  }

  /** Nobody waits: nothing is asked for any more, and what comes all the same is given back. */
  giveUp(): void {
    if (this.wanted <= 0) return;
    this.report.demand -= this.wanted;
    this.wanted = 0;
  }

  /**
   * Whether so much is to be reported that it cannot wait for the end of the turn: room that is free again, measured by what
   * is asked for ahead, or a block's worth of anything. Acks make no room: those of a batch are few messages, then.
   */
  get pressing(): boolean {
    const { freed, items } = this.report;
    return (freed * this.reports >= this.window && this.window >= 16) || items >= BLOCK_ITEMS;
  }

  endTurn(here: number): void {
    // Used at leisure: what lies here may be wanted elsewhere.
    if (here > 0 && this.usedInTurn * 2 < this.window) this.window = Math.max(1, this.window / 2);
    this.busy = this.usedInTurn > 1;
    this.usedInTurn = 0;
  }

  private raise(target: number): void {
    const more = target - this.wanted;
    if (more <= 0) return;
    this.wanted += more;
    this.report.demand += more;
  }
}
