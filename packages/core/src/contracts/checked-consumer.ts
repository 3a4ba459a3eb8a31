import type { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, Taken, Taker } from '../transport/backend.js';
import { endpointClosed } from '../transport/memory/home-producer.js';
import { originalOf, withValue } from './changed.js';
import { ConsumerRelay } from './consumer-relay.js';
import { bothOf, isKnown, type Judge, type Verdict } from './contract.js';
import { Seat, type SeatOwner } from './seat.js';

interface Checking {
  readonly taken: Taken;
  readonly verdict: Verdict | Promise<Verdict>;
}

/**
 * Where items are checked before anybody sees them: what does not match the schema becomes a dead letter, and the next item
 * comes in its place. Checks that take time run side by side for as many items as whoever waits can use, and nothing is kept
 * here that nobody waits for.
 */
export class CheckedConsumer extends ConsumerRelay implements SeatOwner {
  private readonly contract: Judge;
  /** Whoever waits. */
  private readonly seats = new Map<Taker, Seat>();
  /** In hand, and not shown to anybody: it is being checked. */
  private readonly unseen = new Set<Taken>();
  /** Found by somebody who will stand in line, within this turn. */
  private found: Checking | undefined;
  /** Checked together with an item that is being handed out now. */
  private ready: Taken[] | undefined;

  constructor(inner: ConsumerBackend, contract: Judge) {
    super(inner);
    this.contract = contract;
  }

  /** Checks by this too, what was found good: in one step, so that an item is not checked and then waits for another check. */
  and(contract: Judge): CheckedConsumer {
    return new CheckedConsumer(this.inner, bothOf(this.contract, contract));
  }

  override take(holds?: boolean): Taken | undefined {
    if (this.ready !== undefined) return this.show(this.ready.shift(), holds);
    // Others may not overtake it.
    if (this.found !== undefined) return undefined;
    for (let taken = this.inner.take(true); taken !== undefined; taken = this.inner.take(true)) {
      const checking = this.begin(taken);
      if (!isKnown(checking.verdict)) {
        this.keep(checking);
        return undefined;
      }
      const good = this.judged(taken, checking.verdict);
      if (good !== undefined) return this.show(good, holds);
    }
    return undefined;
  }

  override tryTake(holds?: boolean, most = 1): Taken | undefined | Promise<Taken | undefined> {
    const { found } = this;
    this.found = undefined;
    if (found !== undefined) return this.tryLater(found, holds, most);
    for (;;) {
      const taken = this.inner.tryTake(true, most);
      if (taken instanceof Promise) return this.tryLater(taken, holds, most);
      if (taken === undefined) return undefined;
      const checking = this.begin(taken);
      if (!isKnown(checking.verdict)) return this.tryLater(checking, holds, most);
      const good = this.judged(taken, checking.verdict);
      if (good !== undefined) return this.show(good, holds);
    }
  }

  override handOut(taken: Taken): void {
    this.inner.handOut(originalOf(taken));
  }

  override drained(): boolean {
    return this.found === undefined && this.inner.drained();
  }

  override park(taker: Taker): void {
    const seat = new Seat(taker, this);
    this.seats.set(taker, seat);
    taker.inLine = true;
    const { found } = this;
    this.found = undefined;
    if (found !== undefined) this.check(seat, this.gatherFor(seat, found));
    // It was given what was checked together; what came since was not looked at.
    else if (this.ready !== undefined) this.goOn(seat);
    else this.inner.park(seat);
  }

  override unpark(taker: Taker): void {
    const seat = this.seats.get(taker);
    if (seat === undefined) return;
    this.leave(seat);
    if (seat.inLine) this.inner.unpark(seat);
    this.giveBackUnseen(seat.checking);
  }

  override ack(taken: Taken): void {
    this.inner.ack(originalOf(taken));
  }

  override giveBack(taken: Taken, begun: boolean, error?: unknown): void {
    this.inner.giveBack(originalOf(taken), begun, error);
  }

  override reject(taken: Taken, error?: unknown): void {
    this.inner.reject(originalOf(taken), error);
  }

  override outdated(taken: Taken): boolean {
    return super.outdated(originalOf(taken));
  }

  override close(): Promise<void> | undefined {
    for (const seat of [...this.seats.values()]) {
      // Those that stand in the inner line hear of it there.
      if (seat.inLine) continue;
      seat.fail(endpointClosed(this.id));
    }
    this.giveBackUnseen([...this.unseen]);
    return this.inner.close();
  }

  // --- for those who wait ---------------------------------------------------------------------------------------------

  arrived(seat: Seat, taken: Taken): void {
    this.settled(seat, () => {
      this.goOn(seat, taken);
    });
  }

  leave(seat: Seat): void {
    this.seats.delete(seat.taker);
    seat.taker.inLine = false;
  }

  /** Serves whoever waits with good items that are at hand, this one before others; or lets it wait on. */
  private goOn(seat: Seat, first?: Taken): void {
    for (let taken = first ?? this.inner.take(true); taken !== undefined; taken = this.inner.take(true)) {
      const group = this.gatherFor(seat, this.begin(taken));
      const verdicts = group.map(({ verdict }) => verdict);
      if (!verdicts.every(isKnown)) {
        this.check(seat, group);
        return;
      }
      const passed = this.pass(group, verdicts);
      if (passed.length === 0) continue;
      this.serve(seat, passed);
      return;
    }
    const { taker } = seat;
    if (taker.partial ? this.inner.drained() : this.inner.ended(taker.held)) seat.end();
    else this.inner.park(seat);
  }

  private check(seat: Seat, group: readonly Checking[]): void {
    seat.checking = group.map(({ taken }) => taken);
    void this.whenChecked(group).then((good) => {
      // Whoever waited has left, and they went back.
      if (this.seats.get(seat.taker) !== seat) return;
      seat.checking = [];
      this.settled(seat, () => {
        // Their batch was not in line when the queue was cleared: what it had gathered is not to be added to any more.
        const ends = seat.taker.partial && group.some(({ taken }) => this.outdated(taken));
        const passed = good();
        if (ends) seat.end();
        else if (passed.length === 0) this.goOn(seat);
        else this.serve(seat, passed);
      });
    });
  }

  private serve(seat: Seat, [first, ...rest]: readonly Taken[]): void {
    this.leave(seat);
    this.ready = rest;
    if (first !== undefined) {
      this.show(first, seat.taker.holds);
      seat.taker.give(first);
    }
    this.putAway(rest);
  }

  /** What fails now fails whoever waits. */
  private settled(seat: Seat, act: () => void): void {
    try {
      act();
    } catch (error) {
      seat.fail(error as MillraceError);
    }
  }

  // --- checks ---------------------------------------------------------------------------------------------------------

  private begin(taken: Taken): Checking {
    const verdict = this.contract.judge(taken.value, `An item for ${this.id}`, { endpoint: this.id });
    if (!isKnown(verdict)) this.unseen.add(taken);
    return { taken, verdict };
  }

  /** The item as it is to be seen, or undefined: it did not match, and is a dead letter now. */
  private judged(taken: Taken, verdict: Verdict): Taken | undefined {
    if (verdict.error === undefined) return withValue(taken, verdict.value);
    this.inner.reject(taken, verdict.error);
    return undefined;
  }

  private show(taken: Taken | undefined, holds: boolean | undefined): Taken | undefined {
    if (taken !== undefined && holds !== true) this.inner.handOut(originalOf(taken));
    return taken;
  }

  /** Keeps an item for whoever comes to wait in this turn; if nobody does, it goes back. */
  private keep(checking: Checking): void {
    this.found = checking;
    void Promise.resolve().then(() => {
      if (this.found !== checking) return;
      this.found = undefined;
      this.giveBackUnseen([checking.taken]);
    });
  }

  /** As many as whoever waits can use. */
  private gatherFor(seat: Seat, first: Checking): Checking[] {
    return this.gather(first, seat.taker.wants ?? 1);
  }

  /** Begins to check more items that are at hand. */
  private gather(first: Checking, most: number): Checking[] {
    const group = [first];
    this.unseen.add(first.taken);
    while (group.length < most) {
      const taken = this.inner.take(true);
      if (taken === undefined) break;
      // Nobody is to see it before the first: until then its verdict is of no use.
      this.unseen.add(taken);
      group.push(this.begin(taken));
    }
    return group;
  }

  /** Resolves when all are checked, with what then tells which are good: those that were neither given back nor cleared meanwhile. */
  private async whenChecked(group: readonly Checking[]): Promise<() => Taken[]> {
    const verdicts = await Promise.all(group.map(async ({ verdict }) => verdict));
    return () => this.pass(group, verdicts);
  }

  private pass(group: readonly Checking[], verdicts: readonly Verdict[]): Taken[] {
    return group.flatMap(({ taken }, i) => {
      if (!this.unseen.delete(taken)) return [];
      if (this.outdated(taken)) {
        this.inner.giveBack(taken, false);
        return [];
      }
      return this.judged(taken, verdicts[i]!) ?? [];
    });
  }

  private tryLater(first: Checking | Promise<Taken | undefined>, holds: boolean | undefined, most: number): Promise<Taken | undefined> {
    // Made by hand: whoever waits for the answer is called before what follows it here.
    return new Promise((resolve, reject) => {
      const answer = (good: (() => Taken[]) | undefined): void => {
        const passed = good?.();
        if (passed?.length === 0) {
          look(Promise.resolve(this.inner.tryTake(true, most)));
          return;
        }
        const [taken, ...rest] = passed ?? [];
        this.ready = rest;
        resolve(this.show(taken, holds));
        void Promise.resolve().then(() => {
          this.putAway(rest);
        });
      };
      const look = (from: Checking | Promise<Taken | undefined>): void => {
        this.group(from, most).then(answer).catch(reject);
      };
      look(first);
    });
  }

  /** Checks what came first and more that is at hand; undefined when nothing came. */
  private async group(from: Checking | Promise<Taken | undefined>, most: number): Promise<(() => Taken[]) | undefined> {
    if (!(from instanceof Promise)) return this.whenChecked(this.gather(from, most));
    const came = await from;
    return came === undefined ? undefined : this.whenChecked(this.gather(this.begin(came), most));
  }

  /** What nobody took of them goes back. */
  private putAway(rest: Taken[]): void {
    if (this.ready === rest) this.ready = undefined;
    for (const taken of rest.splice(0).reverse()) this.inner.giveBack(originalOf(taken), false);
  }

  private giveBackUnseen(taken: readonly Taken[]): void {
    for (const each of [...taken].reverse()) if (this.unseen.delete(each)) this.inner.giveBack(each, false);
  }
}
