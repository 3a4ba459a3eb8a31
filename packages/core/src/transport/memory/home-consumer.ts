import type { MillraceError } from '../../errors/error.js';
import type { ConsumerBackend, Departure, EndpointInfo, EndpointToken, Taken, Taker } from '../backend.js';
import { type Entry, IN_HAND, SETTLED } from './entry.js';
import type { Home } from './home.js';
import type { ItemServer, Registered } from './registered.js';
import { checkLeave, departFrom, endpointBusy, endpointClosed, HomeProducer } from './home-producer.js';

/** A consumer endpoint in the home's own process. */
export class HomeConsumer implements ConsumerBackend, ItemServer, Registered {
  readonly id: string;
  readonly info: EndpointInfo;
  readonly onTake: boolean;
  inHand = 0;
  private latest = -1;

  private readonly home: Home;
  private looping: HomeProducer | undefined;
  private gone: MillraceError | undefined;

  constructor(home: Home, info: EndpointInfo) {
    this.home = home;
    this.info = info;
    this.onTake = home.spec.acknowledge === 'on-take';
    this.id = home.endpoints.nextId('c');
    home.endpoints.addConsumer(this);
  }

  take(holds?: boolean): Entry | undefined {
    if (this.gone !== undefined) throw this.gone;
    const entry = this.home.waiting.pop();
    if (entry === undefined) {
      if (this.home.disposed !== undefined) throw this.home.disposed;
      return undefined;
    }
    this.begin(entry, holds);
    return entry;
  }

  exchange(taken: Taken): Entry | undefined {
    const done = taken as Entry;
    const home = this.home;
    const next = done.state === IN_HAND && this.gone === undefined ? home.toExchange() : undefined;
    if (next === undefined) {
      this.ack(done);
      return this.take();
    }
    this.meet(next);
    home.exchange(done, next);
    return next;
  }

  /** Given back unbegun by another, and late here: it says so. */
  private meet(entry: Entry): void {
    if (entry.order > this.latest) this.latest = entry.order;
    else if (entry.attempt === 1) entry.attempt = 2;
  }

  /** The item is in hand here from now on. */
  private begin(entry: Entry, holds: boolean | undefined): void {
    this.meet(entry);
    this.home.begin(entry, holds);
    if (entry.state !== SETTLED) this.inHand++;
  }

  tryTake(holds?: boolean): Taken | undefined | Promise<Taken | undefined> {
    return this.take(holds) ?? this.home.far?.findRecalled(() => this.take(holds));
  }

  ended(held: number): boolean {
    return this.home.endedFor(held);
  }

  drained(): boolean {
    return this.home.drained;
  }

  park(taker: Taker): void {
    taker.owner = this;
    this.home.takers.join(taker);
    this.home.far?.recallItems();
  }

  unpark(taker: Taker): void {
    this.home.takers.leave(taker);
  }

  serve(taker: Taker): void {
    const entry = this.take(taker.holds);
    if (entry !== undefined) taker.give(entry);
  }

  hand(taker: Taker, entry: Entry): void {
    this.begin(entry, taker.holds);
    taker.give(entry);
  }

  ack(taken: Taken): void {
    const entry = taken as Entry;
    if (entry.state === SETTLED) return;
    this.inHand--;
    this.home.ack(entry);
  }

  handOut(taken: Taken): void {
    if (this.onTake) this.ack(taken);
  }

  giveBack(taken: Taken, begun: boolean, error?: unknown): void {
    const entry = taken as Entry;
    if (entry.state === SETTLED) return;
    this.inHand--;
    this.home.giveBack(entry, begun ? 'begun' : 'unbegun', error);
  }

  reject(taken: Taken, error?: unknown): void {
    const entry = taken as Entry;
    if (entry.state === SETTLED) return;
    this.inHand--;
    this.home.reject(entry, error);
  }

  outdated(taken: Taken): boolean {
    return (taken as Entry).epoch !== this.home.epoch;
  }

  flush(): undefined {
    return undefined;
  }

  loop(): HomeProducer {
    return (this.looping ??= new HomeProducer(this.home, this.info, this.id));
  }

  get stuck(): boolean {
    return this.looping?.waiting === true;
  }

  unstick(): void {
    this.looping?.unstick();
  }

  close(): undefined {
    if (this.gone !== undefined) return;
    this.gone = endpointClosed(this.id);
    this.looping?.close();
    for (const taker of this.home.takers) {
      if (taker.owner !== this) continue;
      this.home.takers.leave(taker);
      taker.fail(this.gone);
    }
    this.home.endpoints.removeConsumer(this.id);
  }

  dispose(error: MillraceError): void {
    this.looping?.dispose(error);
  }

  checkDepart(via: Departure): void {
    if (this.gone !== undefined) throw this.gone;
    if (this.inHand > 0 || this.stuck) throw endpointBusy(this.id);
    for (const taker of this.home.takers) if (taker.owner === this) throw endpointBusy(this.id);
    checkLeave(this.home, this.id, via);
  }

  depart(via: Departure): EndpointToken {
    this.checkDepart(via);
    return departFrom(this.home, this, 'consumer', via);
  }
}
