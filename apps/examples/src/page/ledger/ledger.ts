import type { Made, Receipt } from '../line/item.js';
import type { Waiting } from '../line/messages.js';
import { Intervals } from './intervals.js';

interface Account {
  /** The numbers below were offered, and the producer knows what became of them. */
  offered: number;
  /** How many of them a closed gate did not take. */
  refused: number;
  readonly done: Intervals;
  /** The numbers below were judged: so many of them are missing. */
  judged: number;
  missing: number;
}

/** What the page knows of every item by itself: from its producers, who say what they put, and its consumers' receipts. */
export class Ledger {
  /** Items that consumers were done with, and how long those had waited, since this was asked the last time. */
  private recent = { items: 0, waited: 0, longest: 0 };
  private readonly accounts = new Map<number, Account>();

  made(maker: number, { offered, refused }: Made): void {
    Object.assign(this.account(maker), { offered, refused });
  }

  receipt({ runs, items, waited, longest }: Receipt): void {
    for (let i = 0; i < runs.length; i += 3)
      this.account(runs[i]!).done.add(runs[i + 1]!, runs[i + 2]!);
    this.recent.items += items;
    this.recent.waited += waited;
    this.recent.longest = Math.max(this.recent.longest, longest);
  }

  /** How long, in ms, the items of late had waited: on average, and the longest. */
  takeWaiting(): Waiting {
    const { items, waited, longest } = this.recent;
    this.recent = { items: 0, waited: 0, longest: 0 };
    return items === 0 ? { mean: null, longest: null } : { mean: waited / items, longest };
  }

  /** What was put up to now, to be judged later. */
  mark(): ReadonlyMap<number, { readonly offered: number; readonly refused: number }> {
    return new Map(
      [...this.accounts].map(([maker, { offered, refused }]) => [maker, { offered, refused }]),
    );
  }

  /**
   * Judges what was put when `marked` was made, once the queue says that all of that is settled: how many items no consumer
   * was done with, though the queue had taken them.
   */
  judge(marked: ReturnType<Ledger['mark']>): number {
    let lost = 0;
    for (const [maker, { offered, refused }] of marked) {
      const account = this.account(maker);
      account.missing +=
        offered -
        account.judged -
        (account.done.below(offered) - account.done.below(account.judged));
      account.judged = offered;
      // Nothing will come of these any more.
      account.done.add(0, offered);
      lost += account.missing - refused;
    }
    return lost;
  }

  private account(maker: number): Account {
    let account = this.accounts.get(maker);
    if (account === undefined) {
      account = { offered: 0, refused: 0, done: new Intervals(), judged: 0, missing: 0 };
      this.accounts.set(maker, account);
    }
    return account;
  }
}
