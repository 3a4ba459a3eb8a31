import type { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { Blocker, EndpointInfo, PutAnswer, QueueEvents, QueueStats, Taker } from '../backend.js';
import { Line } from '../line.js';
import type { QueueSpec } from '../spec.js';
import type { QueueHealth } from '../transport.js';
import { Entry, IN_HAND, SETTLED, WAITING } from './entry.js';
import { Events } from './events.js';
import type { FarSide } from './far-side.js';
import { Joins } from './joins.js';
import { Progress } from './progress.js';
import type { ItemServer, Registered, RoomSeeker } from './registered.js';
import { Returned } from './returned.js';
import { Ring } from './ring.js';
import { SeenPuts } from './seen-puts.js';

/** How a delivery that is given back was used. */
export type Use = 'begun' | 'maybe' | 'unbegun';

/**
 * The state of one queue and its transitions: the reference for every home. It knows no promise and no port: whoever
 * waits stands in one of its two lines and is called. All calls are synchronous, so that every transition is atomic.
 */
export class Home {
  readonly spec: QueueSpec;
  readonly runtime: Runtime;
  readonly events = new Events<QueueEvents>();
  readonly producers = new Map<string, Registered>();
  readonly consumers = new Map<string, Registered>();
  readonly slots = new Map<string, { role: 'producer' | 'consumer'; info: EndpointInfo }>();
  readonly seekers = new Line<RoomSeeker>();
  readonly takers = new Line<Taker>();
  readonly seen = new SeenPuts();
  far: FarSide | undefined;

  /** Items accepted and not in hand: in the ring, given back, or fetched ahead by far consumers. */
  size = 0;
  /** Room promised to far producers. */
  reserved = 0;
  /** How much room active far producers would use at once, if there were as much. */
  roomAlarm = Infinity;
  inHand = 0;
  epoch = 0;
  closed = false;
  isEnded = false;
  disposed: MillraceError | undefined;

  readonly counts = { put: 0, taken: 0, acked: 0, redelivered: 0, dropped: 0, cleared: 0, dead: 0, waitedMs: 0 };

  private readonly ring: Ring<Entry>;
  private readonly returned = new Returned();
  private readonly capacity: number;
  private readonly onTake: boolean;
  private order = 0;
  private claimed = 0;
  private closing = false;
  private openProducers = 0;
  private readonly joins = new Joins();
  private endWaits: (() => void)[] = [];
  private ids = 0;
  private readonly progress: Progress;

  constructor(spec: QueueSpec, runtime: Runtime) {
    this.spec = spec;
    this.runtime = runtime;
    this.capacity = spec.capacity;
    this.onTake = spec.acknowledge === 'on-take';
    this.ring = new Ring(spec.capacity);
    this.progress = new Progress(runtime, this.counts);
  }

  nextId(kind: string): string {
    return `${this.spec.name}/${kind}${String(++this.ids)}`;
  }

  // --- room -------------------------------------------------------------------------------------------------------

  get room(): number {
    return this.capacity - this.size - this.reserved;
  }

  /** The place in the order of arrival that the next item will have. */
  get nextOrder(): number {
    return this.order;
  }

  /** Accepts a value, for which there is room (or which may exceed the bound, having been promised room before). */
  enqueue(value: unknown, flags: number): void {
    this.counts.put++;
    const entry = new Entry(value, flags, this.order++, this.epoch);
    this.size++;
    const taker = this.takers.head;
    if (taker === undefined) {
      this.ring.push(entry);
      return;
    }
    // Whoever waits at an empty queue gets the item without its way through the ring.
    const server = taker.owner as ItemServer;
    if (server.hand !== undefined && this.claimed === 0 && this.atHand === 0) {
      this.takers.leave(taker);
      server.hand(taker, entry);
      return;
    }
    this.ring.push(entry);
    this.serveTakers();
  }

  /** Whether a lossy queue would take an item now. */
  get takesLossy(): boolean {
    return this.room > 0 || this.spec.overflow !== 'drop-newest';
  }

  /** Accepts a value as the queue's overflow rule says, when there may be no room. */
  enqueueLossy(value: unknown, flags: number): PutAnswer {
    if (!this.takesLossy) {
      this.counts.dropped++;
      return 'dropped';
    }
    if (this.room <= 0) {
      const oldest = this.pop();
      if (oldest !== undefined) {
        this.size--;
        this.counts.dropped++;
        this.finish(oldest);
      }
    }
    this.enqueue(value, flags);
    return 'accepted';
  }

  seek(seeker: RoomSeeker): void {
    if (!seeker.inLine) {
      seeker.since = this.runtime.now();
      this.seekers.join(seeker);
    }
    this.serveRoom();
  }

  unseek(seeker: RoomSeeker): void {
    if (this.seekers.leave(seeker)) this.counts.waitedMs += this.runtime.now() - seeker.since;
    this.serveRoom();
  }

  /** Whether there is room once far producers have returned what they do not use; undefined when surely not. */
  roomForSure(): Promise<boolean> | undefined {
    if (this.reserved === 0 || this.far === undefined) return undefined;
    return this.far.roomRecalled().then(() => this.room > 0);
  }

  /** Gives room to those who have something to send, in turns. */
  serveRoom(): void {
    let seeker: RoomSeeker | undefined;
    while ((seeker = this.seekers.head) !== undefined) {
      const room = this.room;
      if (room <= 0) {
        if (this.reserved > 0) this.far?.recallRoom();
        break;
      }
      const share = Math.max(1, Math.floor(room / this.seekers.length));
      this.seekers.leave(seeker);
      if (seeker.wants > 0) seeker.grant(Math.min(seeker.wants, share));
      if (seeker.wants > 0) this.seekers.join(seeker);
      else this.counts.waitedMs += this.runtime.now() - seeker.since;
    }
  }

  // --- items ------------------------------------------------------------------------------------------------------

  /** Items at hand here, less those that woken far consumers are about to fetch. */
  get available(): number {
    return this.ring.length + this.returned.length - this.claimed;
  }

  get atHand(): number {
    return this.ring.length + this.returned.length;
  }

  /** A far consumer was woken for an item, which others are not to be woken for too. */
  claim(): void {
    this.claimed++;
  }

  /** Takes the oldest item out of the store; the caller accounts for it. */
  pop(): Entry | undefined {
    return this.returned.length > 0 ? this.returned.shift() : this.ring.shift();
  }

  peek(): Entry | undefined {
    return this.returned.length > 0 ? this.returned.first : this.ring.at(0);
  }

  serveTakers(): void {
    let taker: Taker | undefined;
    while (this.available > 0 && (taker = this.takers.shift()) !== undefined) (taker.owner as ItemServer).serve(taker);
  }

  /** An item that waited is in user code's hands from now on, or (`holds`) in those of what will hand it out. */
  begin(entry: Entry, holds?: boolean): void {
    this.progress.note();
    entry.begun++;
    this.counts.taken++;
    if (entry.attempt > 1) this.counts.redelivered++;
    this.size--;
    if (this.onTake && holds !== true) {
      this.counts.acked++;
      this.finish(entry);
    } else {
      entry.state = IN_HAND;
      this.inHand++;
    }
    if (this.closing && this.size === 0) this.checkEnd();
    if (this.seekers.head !== undefined) this.serveRoom();
    else if (this.roomAlarm <= this.room) this.far?.roomCame();
  }

  /** It was sent to somebody who had stopped waiting: the delivery does not count. */
  private unbegin(entry: Entry): void {
    entry.begun--;
    this.counts.taken--;
    if (entry.attempt > 1) this.counts.redelivered--;
  }

  ack(entry: Entry): void {
    this.progress.note();
    this.inHand--;
    this.counts.acked++;
    this.finish(entry);
    if (this.closing) this.checkEnd();
  }

  /** An item comes back from a consumer, to its old place unless it is outdated or was moved. */
  giveBack(entry: Entry, use: Use): void {
    this.putBack(entry, use);
    this.afterGiveBack();
  }

  /** What came back is dealt out again, once all of it is in its old place. */
  afterGiveBack(): void {
    this.serveTakers();
    this.checkEnd();
    if (this.seekers.head !== undefined) this.serveRoom();
  }

  /** One of several items that come back together: `afterGiveBack` is to be called behind the last. */
  putBack(entry: Entry, use: Use): void {
    if (entry.state === SETTLED) return;
    if (entry.state === IN_HAND) {
      this.inHand--;
      this.size++;
      if (use === 'unbegun') this.unbegin(entry);
    }
    entry.state = WAITING;
    if (entry.epoch !== this.epoch) {
      this.size--;
      this.counts.cleared++;
      this.finish(entry);
    } else if (use !== 'unbegun' && (entry.moved || this.onTake)) {
      this.size--;
      this.counts.dropped++;
      this.finish(entry);
    } else {
      if (use !== 'unbegun') entry.attempt++;
      if (use === 'maybe') entry.alone = true;
      this.returned.add(entry);
    }
  }

  /** The item has reached the end of its life. */
  private finish(entry: Entry): void {
    entry.state = SETTLED;
    this.joins.settled(entry.order);
  }

  // --- endpoints --------------------------------------------------------------------------------------------------

  addProducer(producer: Registered): void {
    this.producers.set(producer.id, producer);
    this.openProducers++;
  }

  removeProducer(id: string): void {
    if (!this.producers.delete(id)) return;
    this.openProducers--;
    this.checkEnd();
  }

  addConsumer(consumer: Registered): void {
    this.consumers.set(consumer.id, consumer);
  }

  removeConsumer(id: string): void {
    if (!this.consumers.delete(id)) return;
    this.checkConsumers();
    this.checkEnd();
  }

  addSlot(id: string, role: 'producer' | 'consumer', info: EndpointInfo): void {
    this.slots.set(id, { role, info });
    if (role === 'producer') this.openProducers++;
  }

  removeSlot(id: string): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    this.slots.delete(id);
    if (slot.role === 'producer') this.openProducers--;
    else this.checkConsumers();
    this.checkEnd();
  }

  private openConsumers(): number {
    let open = this.consumers.size;
    for (const slot of this.slots.values()) if (slot.role === 'consumer') open++;
    return open;
  }

  private checkConsumers(): void {
    if (this.openConsumers() === 0 && this.size > 0)
      this.events.emit('no-consumer', { queue: this.spec.name, items: this.size });
    else this.checkStuck();
  }

  /** Fails a wait when every consumer waits to put into its own full queue, since then nobody can make room. */
  checkStuck(): void {
    // Reserved room may yet come back from producers that do not use it.
    if (this.room + this.reserved > 0 || this.consumers.size === 0) return;
    let last: Registered | undefined;
    for (const consumer of this.consumers.values()) {
      if (consumer.stuck !== true) return;
      last = consumer;
    }
    last?.unstick?.();
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  close(): void {
    this.closed = true;
    this.checkEnd();
  }

  get drained(): boolean {
    return this.closing && this.size === 0;
  }

  /** Whether an iteration that holds `held` of the items in hand is over. */
  endedFor(held: number): boolean {
    return this.closing && this.size === 0 && this.inHand <= held;
  }

  checkEnd(): void {
    this.closing = this.closed && this.openProducers === 0;
    if (!this.drained || this.isEnded) return;
    for (const taker of this.takers) {
      if (!taker.partial && this.inHand > taker.held) continue;
      this.takers.leave(taker);
      taker.end();
    }
    this.far?.drained();
    if (this.inHand > 0) return;
    this.isEnded = true;
    for (const done of this.endWaits.splice(0)) done();
    this.events.emit('ended', { queue: this.spec.name });
  }

  whenEnded(): Promise<void> | undefined {
    return this.isEnded || this.disposed !== undefined
      ? undefined
      : new Promise((resolve) => {
          this.endWaits.push(resolve);
        });
  }

  join(): Promise<void> | undefined {
    if (this.disposed !== undefined) throw this.disposed;
    const open = this.size + this.inHand;
    if (open === 0 && this.far === undefined) return undefined;
    const join = this.joins.begin(this.order, open);
    const gathered = this.far?.gathered((order) => join.late.add(order));
    if (gathered === undefined) this.joins.gathered(join);
    else
      void gathered.then(() => {
        this.joins.gathered(join);
      });
    return join.done;
  }

  // --- clear, looking, disposing ------------------------------------------------------------------------------------

  clear(): number | Promise<number> {
    if (this.disposed !== undefined) throw this.disposed;
    // What a batch has gathered is in hand, and must not be handed out later on.
    for (const taker of this.takers) {
      if (!taker.partial) continue;
      this.takers.leave(taker);
      taker.end();
    }
    const before = this.counts.cleared;
    this.epoch++;
    for (let entry = this.pop(); entry !== undefined; entry = this.pop()) {
      this.size--;
      this.counts.cleared++;
      this.finish(entry);
    }
    const far = this.far?.cleared();
    this.checkEnd();
    this.serveRoom();
    return far === undefined ? this.counts.cleared - before : far.then(() => this.counts.cleared - before);
  }

  /** An outdated item arrived, or was found with a far consumer. */
  discardOutdated(entry?: Entry): void {
    this.counts.cleared++;
    if (entry === undefined) {
      this.counts.put++;
      return;
    }
    this.size--;
    this.finish(entry);
  }

  stats(): QueueStats {
    let producers = this.openProducers;
    if (producers < 0) producers = 0;
    const { waitedMs, ...counts } = this.counts;
    let waited = waitedMs;
    const now = this.seekers.length > 0 ? this.runtime.now() : 0;
    for (const seeker of this.seekers) waited += now - seeker.since;
    return { size: this.size, inHand: this.inHand, ...counts, producers, consumers: this.openConsumers(), waitedMs: waited };
  }

  health(): QueueHealth {
    return { queue: this.spec.name, depth: this.size, inHand: this.inHand, ...this.progress.ago() };
  }

  blockers(): Blocker[] {
    if (this.isEnded) return [];
    const found: Blocker[] = [];
    if (!this.closed) found.push({ kind: 'queue-open', id: this.spec.name });
    for (const { id, info } of this.producers.values()) found.push({ kind: 'producer', id, ...info });
    for (const [id, { role, info }] of this.slots) if (role === 'producer') found.push({ kind: 'slot', id, ...info });
    if (this.size > 0) found.push({ kind: 'waiting', id: this.spec.name, items: this.size });
    for (const { id, info, inHand } of this.consumers.values())
      if (inHand > 0) found.push({ kind: 'in-hand', id, items: inHand, ...info });
    return found;
  }

  dispose(error: MillraceError): void {
    if (this.disposed !== undefined) return;
    this.disposed = error;
    this.far?.dispose();
    for (let taker = this.takers.shift(); taker !== undefined; taker = this.takers.shift()) taker.fail(error);
    for (const endpoint of [...this.producers.values(), ...this.consumers.values()]) endpoint.dispose?.(error);
    this.joins.failAll(error);
    // Whoever takes from now on finds nothing, and so hears why.
    while (this.pop() !== undefined);
    for (const done of this.endWaits.splice(0)) done();
    this.events.clear();
  }

  /** The woken ones fetch now. */
  unclaim(): void {
    this.claimed = 0;
  }
}
