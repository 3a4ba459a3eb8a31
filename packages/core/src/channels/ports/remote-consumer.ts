import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { ConsumerBackend, Departure, EndpointToken, Taken, Taker } from '../../transport/backend.js';
import { Line } from '../../transport/line.js';
import { endpointBusy, endpointClosed } from '../../transport/memory/home-producer.js';
import { cloneForm } from './clone-form.js';
import type { ValueForm } from './form.js';
import { Demand } from './demand.js';
import { FetchedBlocks, type FetchedItem, type FetchedRun } from './fetched.js';
import type { Link } from './link.js';
import { linkLost } from './lost.js';
import { TO_ENDPOINT, TO_HOME } from './messages.js';
import { RemoteProducer } from './remote-producer.js';
import { Report } from './report.js';
import { Requests } from './requests.js';
import { type ConsumerState, movedOf, type RemoteSpec, type RemoteToken } from './token.js';

/**
 * A consumer endpoint whose queue's home is at the other end of a link. It asks for items ahead of need, the more the faster
 * they are used, and reports what was begun and done: the first of a turn at once, the others when the turn is over, a
 * quarter of what was asked for is used up, or there is a block's worth to tell.
 */
export class RemoteConsumer implements ConsumerBackend {
  readonly id: string;
  readonly onTake: boolean;
  private readonly spec: RemoteSpec;
  private readonly link: Link;
  private readonly form: ValueForm;
  private readonly runtime: Runtime;
  private readonly line = new Line<Taker>();
  private readonly fetched = new FetchedBlocks();
  private readonly report = new Report();
  private readonly demand: Demand;
  private readonly requests = new Requests();
  /** Shared by all that came by it. */
  private lease = { lost: false };
  /** Lossy queues fetch nothing ahead: what lies here could not be dropped. */
  private readonly fetchesAhead: boolean;
  /** Calls of `tryTake` under way. */
  private polls = 0;
  private inHand = 0;
  /** Items that have come and nobody asked for any more: they go back with the last of several blocks. */
  private excess = 0;
  private nacks: number;
  /** How many items an earlier holder's deliveries had put. */
  private readonly loopSequence: number;
  private turnOpen = false;
  private end: ConsumerState['end'];
  private looping: RemoteProducer | undefined;
  private epoch: number;
  /** Blocks up to this one came before the latest epoch. */
  private outdatedUpTo = -1;
  /** For what its deliveries put. */
  private refusing: boolean;
  private gone: MillraceError | undefined;
  private lost = false;

  constructor(id: string, spec: RemoteSpec, link: Link, runtime: Runtime, state: ConsumerState) {
    this.id = id;
    this.spec = spec;
    this.link = link;
    this.form = link.form ?? cloneForm;
    this.runtime = runtime;
    this.epoch = state.epoch;
    this.refusing = state.refusing;
    this.nacks = state.nacks ?? 0;
    this.loopSequence = state.sequence ?? 0;
    this.end = state.end;
    this.fetchesAhead = spec.overflow === 'wait';
    this.demand = new Demand(this.report, this.fetchesAhead, link.window, link.reports);
    this.onTake = spec.acknowledge === 'on-take';
    link.receive(
      (message, more) => {
        this.receive(message, more);
      },
      () => {
        this.finish(linkLost(id));
      },
      () => {
        if (this.gone === undefined) this.sendReport();
      },
    );
  }

  take(holds?: boolean): FetchedItem | undefined {
    if (this.gone !== undefined) throw this.gone;
    const item = this.next();
    if (item === undefined) return undefined;
    if (holds === true) this.report.holds(item);
    else if (this.onTake) this.settle(item);
    if (item.block.alone) this.sendReport();
    else this.reportSoon();
    return item;
  }

  exchange(taken: Taken): FetchedItem | undefined {
    const done = taken as FetchedItem;
    if (done.settled || done.lapsed || done.block.alone || this.end !== undefined || this.gone !== undefined) {
      this.ack(done);
      return this.take();
    }
    this.settle(done);
    const item = this.next();
    if (item?.block.alone === true) this.sendReport();
    else this.reportSoon();
    return item;
  }

  takeRun(most: number): FetchedRun | undefined {
    if (this.gone !== undefined) throw this.gone;
    const run = this.fetched.takeRun(most);
    if (run === undefined) return undefined;
    this.begin(run);
    this.report.holds(run);
    this.reportSoon();
    return run;
  }

  /** The next item of those that are here. One whose value cannot be read becomes a dead letter, and the next one takes its place. */
  private next(): FetchedItem | undefined {
    for (let item = this.fetched.take(); item !== undefined; item = this.fetched.take()) {
      this.begin(item);
      if (item.unreadable === undefined) return item;
      this.reject(item, item.unreadable);
    }
    return undefined;
  }

  private begin({ block, count }: FetchedItem | FetchedRun): void {
    this.inHand += count;
    this.demand.used(count);
    this.report.begun(block, count);
  }

  /** Done with: the home hears of it in the same report as of its beginning, or in a later one. */
  private settle(item: FetchedItem | FetchedRun): void {
    item.settled = true;
    this.inHand -= item.count;
    this.report.acked(item);
  }

  handOut(taken: Taken): void {
    if (this.gone !== undefined) return;
    if (this.onTake) {
      this.ack(taken);
      return;
    }
    const item = taken as FetchedItem | FetchedRun;
    if (item.lapsed) return;
    this.report.shows(item);
    if (item.block.alone) this.sendReport();
    else this.reportSoon();
  }

  tryTake(holds?: boolean, most = 1): Taken | undefined | Promise<Taken | undefined> {
    return this.take(holds) ?? this.poll(holds, this.fetchesAhead ? most : 1);
  }

  /** Asks for an item, and for as many as will be taken at once. */
  private poll(holds: boolean | undefined, most: number): Promise<Taken | undefined> {
    return new Promise((resolve, reject) => {
      const ask = (): void => {
        this.sendReport();
        this.polls++;
        const more = Math.max(1, this.line.length + this.polls + most - 1 - this.demand.wanted - this.fetched.count);
        this.demand.wanted += more;
        const { lease } = this;
        // What has come is taken at once: the next message may ask for it back, and would find it unused.
        const answered = (found: boolean): void => {
          this.polls--;
          if (!found && !lease.lost) this.demand.wanted -= more;
          if (this.gone !== undefined) {
            reject(this.gone);
            return;
          }
          const item = this.take(holds);
          this.keepNothing();
          // Others may have joined the line meanwhile, counting on the item that was asked for; if not, no more need come.
          if (this.line.length > 0) this.askFor(false);
          else if (this.polls === 0 && (most === 1 || item === undefined)) {
            this.demand.giveUp();
            this.sendReport();
          }
          // What was found may have gone to others here: there may be more elsewhere.
          if (item !== undefined || !found) resolve(item);
          else ask();
        };
        const failed = (error: unknown): void => {
          this.polls--;
          reject(error);
        };
        this.link.post([TO_HOME.POLL, this.requests.call(answered, failed), more]);
      };
      ask();
    });
  }

  ended(held: number): boolean {
    const { end } = this;
    return end !== undefined && end.alone && this.isCurrent(end) && this.inHand <= held;
  }

  drained(): boolean {
    return this.end !== undefined && this.isCurrent(this.end);
  }

  park(taker: Taker): void {
    this.line.join(taker);
    this.askFor(taker.ahead, taker.wants);
  }

  unpark(taker: Taker): void {
    if (!this.line.leave(taker)) return;
    // Nobody waits: what is still asked for is asked for no more, and what comes all the same is given back. Not so where
    // items are to be taken on: given back they would come behind later ones.
    if (this.line.length === 0 && taker.asksOn !== true) this.demand.giveUp();
    this.sendReport();
  }

  ack(taken: Taken): void {
    const item = taken as FetchedItem | FetchedRun;
    if (item.settled) return;
    if (this.gone !== undefined) throw this.gone;
    if (this.forgets(item)) return;
    this.settle(item);
    if (item.block.alone) this.sendReport();
    else this.reportSoon();
    if (this.end !== undefined) this.checkEnd();
  }

  giveBack(taken: Taken, begun: boolean, error?: unknown): void {
    // Ahead of need nothing is asked for any more: of several that go back, the first ones would come here again, and last to others.
    if (this.line.length === 0) this.demand.giveUp();
    const item = this.drop(taken);
    if (item === undefined) return;
    const { block, index, count } = item;
    this.nacks += count;
    // The last one first: each goes to where it was.
    for (let at = index + count - 1; at >= index; at--) this.link.post([TO_HOME.NACK, block.id, at, begun, this.form.packReason(error)]);
  }

  reject(taken: Taken, error?: unknown): void {
    const item = this.drop(taken);
    if (item === undefined) return;
    this.link.post([TO_HOME.REJECT, item.block.id, item.index, this.form.packReason(error)]);
    if (this.end !== undefined) this.checkEnd();
  }

  outdated(taken: Taken): boolean {
    return (taken as FetchedItem).block.id <= this.outdatedUpTo;
  }

  /** It is not in hand here any more; what was reported of it before is at its home before what follows. */
  private drop(taken: Taken): FetchedItem | FetchedRun | undefined {
    const item = taken as FetchedItem | FetchedRun;
    if (item.settled) return undefined;
    if (this.gone !== undefined) throw this.gone;
    if (this.forgets(item)) return undefined;
    item.settled = true;
    this.inHand -= item.count;
    this.sendReport();
    return item;
  }

  /** It went back when the lease was lost: here it is not in hand any more, and its home need not be told. */
  private forgets(item: FetchedItem | FetchedRun): boolean {
    if (!item.lapsed) return false;
    item.settled = true;
    return true;
  }

  flush(): Promise<void> | undefined {
    if (this.gone !== undefined) throw this.gone;
    this.sendReport();
    return this.ask(TO_HOME.FLUSH);
  }

  loop(): RemoteProducer {
    const { id, spec, link, runtime, epoch, refusing, requests, loopSequence: sequence } = this;
    const loop = {
      requests,
      report: () => {
        this.sendReport();
      },
    };
    return (this.looping ??= new RemoteProducer(id, spec, link, runtime, { epoch, sequence, refusing, loop }));
  }

  close(): Promise<void> | undefined {
    if (this.gone !== undefined) return undefined;
    void this.looping?.close();
    this.demand.giveUp();
    this.giveBackUnbegun(Infinity);
    this.gone = endpointClosed(this.id);
    this.failTakers(this.gone);
    // What was under way comes before the answer, and goes back; then nothing of it is here.
    return this.ask(TO_HOME.FLUSH)
      .then(() => {
        this.giveBackUnbegun(Infinity);
        return this.ask(TO_HOME.CLOSE);
      })
      .then(() => {
        // What was asked for before and is not answered by now never will be.
        this.requests.failAll(this.gone);
        this.link.close();
      });
  }

  checkDepart(): void {
    if (this.gone !== undefined) throw this.gone;
    if (this.line.length > 0 || this.inHand > 0 || this.requests.size > 0 || this.looping?.waiting === true) throw endpointBusy(this.id);
  }

  depart(via: Departure): EndpointToken {
    this.checkDepart();
    if (via.local) return { role: 'consumer', transfer: [], body: this };
    this.demand.giveUp();
    this.giveBackUnbegun(Infinity);
    const { id, spec, epoch, refusing, nacks, end } = this;
    const sequence = this.looping?.sequence ?? this.loopSequence;
    const port = this.link.detach(via);
    const body: RemoteToken = { id, spec, port, epoch, refusing, nacks, sequence, end };
    return { role: 'consumer', transfer: movedOf(port), body };
  }

  private receive(message: readonly unknown[], more = false): void {
    switch (message[0]) {
      case TO_ENDPOINT.ITEMS:
        this.arrive(message, more);
        return;
      case TO_ENDPOINT.DRAINED:
        this.end = { changes: message[1] as number, alone: message[2] as boolean };
        this.checkEnd();
        return;
      case TO_ENDPOINT.POLLED:
        this.requests.answer(message[1] as number, message[2]);
        return;
      case TO_ENDPOINT.FLUSHED:
      case TO_ENDPOINT.CLOSED:
        this.requests.answer(message[1] as number, undefined);
        return;
      case TO_ENDPOINT.RECALL:
        this.recalled();
        return;
      case TO_ENDPOINT.SYNC:
        this.sync(message[1] as number, message[2] as number, message[3] as boolean);
        return;
      case TO_ENDPOINT.RENEW:
        this.renew(message[1] as number, message[2]);
        return;
      case TO_ENDPOINT.GONE:
        this.finish(new MillraceError(message[1] as 'QUEUE_CLOSED', message[2] as string, { endpoint: this.id }));
        return;
      default:
        this.looping?.receive(message);
    }
  }

  private arrive(message: readonly unknown[], more: boolean): void {
    const block = this.form.read(message, 1);
    if (!this.inUse) this.excess += Math.min(block.count, Math.max(0, block.count - this.demand.wanted));
    this.demand.wanted -= block.count;
    this.end = undefined;
    this.fetched.add(block, this.lease);
    this.report.received = block.sequence;
    // A batch gets all of it.
    if (more) return;
    for (let taker: Taker | undefined; this.fetched.count > 0 && (taker = this.line.shift()) !== undefined; ) {
      const item = this.take(taker.holds);
      if (item !== undefined) taker.give(item);
      // None of those left can be read: it is still the next in line.
      else this.line.join(taker, this.line.head);
    }
    // A batch may have taken what others in line had asked for.
    if (this.line.length > 0) this.askFor(false);
    if (this.excess > 0) this.giveBackUnbegun(this.excess);
    this.excess = 0;
    this.keepNothing();
    this.reportSoon();
  }

  /** On a lossy queue an item that nobody here takes goes back: only its home can drop it. */
  private keepNothing(): void {
    if (!this.fetchesAhead && this.fetched.count > 0 && this.polls === 0) this.giveBackUnbegun(Infinity);
  }

  /** Somebody here is about to take what comes. */
  private get inUse(): boolean {
    return this.line.length > 0 || this.polls > 0;
  }

  /** @param most - how many the latest in line can use at once. */
  private askFor(again: boolean, most = 1): void {
    this.demand.needs(this.line.length, this.fetched.count, again, most);
    this.sendReport();
  }

  private reportSoon(): void {
    if (!this.turnOpen) {
      this.turnOpen = true;
      this.runtime.defer(this.endTurn);
      if (this.demand.busy) return;
      this.demand.topUp(this.fetched.count);
      this.sendReport();
    } else if (this.demand.pressing) {
      this.demand.topUp(this.fetched.count);
      this.sendReport();
    }
  }

  private readonly endTurn = (): void => {
    this.turnOpen = false;
    this.demand.endTurn(this.fetched.count);
    if (this.gone === undefined) this.sendReport();
  };

  private sendReport(): void {
    // What a delivery put is at its home before the delivery is acked.
    this.looping?.sendBlock();
    const message = this.report.cut(this.line.length);
    if (message !== undefined) this.link.post(message);
  }

  /** Others wait: what is here and not begun goes back, all of it, so that they get the oldest. */
  private recalled(): void {
    // Nor does it come straight back, unless somebody here has begun to wait meanwhile.
    if (!this.inUse) this.demand.giveUp();
    if (this.fetched.count > this.polls) this.demand.shrink();
    // A `tryTake` whose answer is under way takes one: given back, it would be asked for again, and two could do so for ever.
    this.giveBackUnbegun(this.fetched.count - this.polls);
    this.looping?.sendBlock();
  }

  private giveBackUnbegun(items: number): void {
    this.sendReport();
    const { ranges, values, transfer } = this.fetched.takeBack(items);
    this.link.post([TO_HOME.GIVE_BACK, ranges, values], transfer);
  }

  private sync(request: number, epoch: number, refusing: boolean): void {
    this.looping?.sync(epoch, refusing);
    this.refusing = refusing;
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.outdatedUpTo = this.report.received;
      // Of a lossy queue, what was sent here is in use already: `tryTake` is about to take it.
      if (this.fetchesAhead) this.dropFetched();
      this.endPartial();
    }
    this.sendReport();
    this.link.post([TO_HOME.SYNCED, request, epoch]);
  }

  /** Its home had given it up: all that came before has gone back, and is asked for afresh. */
  private renew(number: number, forgotten: unknown): void {
    const waiting = this.looping?.renew(forgotten) ?? 0;
    if (forgotten !== undefined) this.requests.failAll(forgotten);
    this.lease.lost = true;
    this.lease = { lost: false };
    // Whoever has them may never say that it is done with them: settling them is refused.
    this.inHand = 0;
    this.end = undefined;
    this.demand.renew();
    this.report.renew();
    this.dropFetched();
    this.endPartial();
    const put = this.looping?.sequence ?? this.loopSequence;
    this.link.post([TO_HOME.RENEWED, number, waiting, this.nacks, put, this.report.received]);
    if (this.line.length > 0) this.askFor(true);
  }

  /** What is here and not begun is nobody's to begin. */
  private dropFetched(): void {
    this.fetched.removeLast(Infinity, () => undefined);
  }

  /** What a batch has gathered is not to be added to any more. */
  private endPartial(): void {
    for (const taker of this.line) {
      if (!taker.partial) continue;
      this.line.leave(taker);
      taker.end();
    }
  }

  private isCurrent(end: { changes: number }): boolean {
    return end.changes === this.nacks + (this.looping?.sequence ?? this.loopSequence) && this.fetched.count === 0;
  }

  private checkEnd(): void {
    for (const taker of this.line) {
      if (!(this.ended(taker.held) || (taker.partial && this.drained()))) continue;
      // What another's end has settled may have ended it already.
      if (this.line.leave(taker)) taker.end();
    }
  }

  private finish(error: MillraceError): void {
    if (this.lost) return;
    this.lost = true;
    this.gone = error;
    this.looping?.lose();
    this.failTakers(error);
    this.requests.failAll(error);
    this.link.close();
  }

  private failTakers(error: MillraceError): void {
    for (let taker = this.line.shift(); taker !== undefined; taker = this.line.shift()) taker.fail(error);
  }

  private ask(kind: number): Promise<void> {
    const { request, answer } = this.requests.open<undefined>();
    // Its home is gone, and answers no more.
    if (this.lost) this.requests.failAll(this.gone);
    this.link.post([kind, request]);
    return answer;
  }
}
