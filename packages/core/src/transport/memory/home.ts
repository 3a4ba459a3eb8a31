import type { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { ItemHeaders, PutAnswer, QueueEvents, Taker } from '../backend.js';
import { Line } from '../line.js';
import type { QueueSpec } from '../spec.js';
import type { QueueHealth } from '../transport.js';
import { DeadLetters } from './dead-letters.js';
import { Endpoints } from './endpoints.js';
import { Entry, IN_HAND, SETTLED } from './entry.js';
import { Events } from './events.js';
import type { FarSide } from './far-side.js';
import { Gate } from './gate.js';
import { Joins } from './joins.js';
import { healthOf } from './looking.js';
import { Progress } from './progress.js';
import type { ItemServer, Registered } from './registered.js';
import { Seekers } from './seekers.js';
import { SeenPuts } from './seen-puts.js';
import { giveUp, takeBack, type Use } from './take-back.js';
import { Waiting } from './waiting.js';

/**
 * The state of one queue and its transitions: the reference for every home. It knows no promise and no port: whoever
 * waits stands in one of its two lines and is called. All calls are synchronous, so that every transition is atomic.
 */
export class Home {
  readonly spec: QueueSpec;
  readonly runtime: Runtime;
  readonly events = new Events<QueueEvents>();
  readonly endpoints: Endpoints;
  readonly seekers = new Seekers(this);
  readonly deadLetters = new DeadLetters(this);
  readonly gate: Gate | undefined;
  readonly takers = new Line<Taker>();
  /** The items at hand. */
  readonly waiting: Waiting;
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

  readonly counts = { put: 0, taken: 0, acked: 0, redelivered: 0, dropped: 0, refused: 0, cleared: 0, dead: 0, deadDropped: 0 };

  private readonly capacity: number;
  private readonly onTake: boolean;
  protected order = 0;
  private closing = false;
  private readonly joins = new Joins();
  private endWaits: (() => void)[] = [];
  readonly progress: Progress;

  constructor(spec: QueueSpec, runtime: Runtime) {
    this.spec = spec;
    this.runtime = runtime;
    this.endpoints = new Endpoints(spec.name, (role) => {
      this.left(role);
    });
    this.capacity = spec.capacity;
    this.onTake = spec.acknowledge === 'on-take';
    this.waiting = new Waiting(spec.capacity);
    this.progress = new Progress(runtime, this.counts);
    this.gate = spec.gate ? new Gate(this) : undefined;
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
  enqueue(value: unknown, flags: number, headers?: ItemHeaders): void {
    this.counts.put++;
    const entry = new Entry(value, flags, this.order++, this.epoch, headers);
    this.size++;
    const taker = this.takers.head;
    if (taker === undefined) {
      this.waiting.push(entry);
      return;
    }
    // Whoever waits at an empty queue gets the item without its way through the ring.
    const server = taker.owner as ItemServer;
    if (server.hand !== undefined && this.waiting.isEmpty) {
      this.takers.leave(taker);
      server.hand(taker, entry);
      return;
    }
    this.waiting.push(entry);
    this.serveTakers();
  }

  /** Whether the queue takes items at all: not while its gate is closed. */
  get accepting(): boolean {
    return this.gate === undefined || this.gate.ready;
  }

  /** Whether a gated or lossy queue would take an item now. */
  get takes(): boolean {
    return this.accepting && (this.room > 0 || this.spec.overflow !== 'drop-newest');
  }

  refuse(): 'refused' {
    this.counts.refused++;
    return 'refused';
  }

  /** Accepts a value as the queue's gate and overflow rule say. On a queue that waits there must be room. */
  enqueueByRule(value: unknown, flags: number, headers?: ItemHeaders): PutAnswer {
    if (!this.accepting) return this.refuse();
    if (!this.takes) {
      this.counts.dropped++;
      return 'dropped';
    }
    if (this.room <= 0 && this.spec.overflow === 'drop-oldest') {
      const oldest = this.waiting.pop();
      if (oldest !== undefined) {
        this.size--;
        this.discard(oldest, 'dropped');
      }
    }
    this.enqueue(value, flags, headers);
    return 'accepted';
  }

  // --- items ------------------------------------------------------------------------------------------------------

  serveTakers(): void {
    let taker: Taker | undefined;
    while (this.waiting.available > 0 && (taker = this.takers.shift()) !== undefined) (taker.owner as ItemServer).serve(taker);
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
    if (this.seekers.any) this.seekers.serve();
    else if (this.far !== undefined && this.roomAlarm <= this.room) this.far.roomCame();
  }

  ack(entry: Entry): void {
    this.progress.note();
    this.inHand--;
    this.counts.acked++;
    this.finish(entry);
    if (this.closing) this.checkEnd();
  }

  /** The item to exchange one in hand for, if there is one and the queue is not about to end by it. */
  toExchange(): Entry | undefined {
    return this.closing || this.onTake ? undefined : this.waiting.pop();
  }

  /** An item in hand is done with, and another is begun in its place: `ack` and `begin` in one, for what happens most. */
  exchange(done: Entry, next: Entry): void {
    const { counts } = this;
    this.progress.note();
    counts.acked++;
    this.finish(done);
    next.begun++;
    next.state = IN_HAND;
    counts.taken++;
    if (next.attempt > 1) counts.redelivered++;
    this.size--;
    if (this.seekers.any) this.seekers.serve();
    else if (this.far !== undefined && this.roomAlarm <= this.room) this.far.roomCame();
  }

  /** An item is given up by its consumer, whatever its number of deliveries. */
  reject(entry: Entry, error: unknown): void {
    this.progress.note();
    giveUp(this, entry, error);
    if (this.closing) this.checkEnd();
  }

  /** An item comes back from a consumer, to its old place unless it is outdated, was moved, or has come back too often. */
  giveBack(entry: Entry, use: Use, error?: unknown): void {
    this.putBack(entry, use, error);
    this.afterGiveBack();
  }

  /** What came back is dealt out again, once all of it is in its old place. */
  afterGiveBack(): void {
    this.serveTakers();
    this.checkEnd();
    if (this.seekers.any) this.seekers.serve();
  }

  /** One of several items that come back together: `afterGiveBack` is to be called behind the last. */
  putBack(entry: Entry, use: Use, error?: unknown): void {
    takeBack(this, entry, use, error);
  }

  /** The item is done with, and not because it was used. */
  discard(entry: Entry, count: 'cleared' | 'dropped' | 'dead'): void {
    this.counts[count]++;
    this.finish(entry);
  }

  /** The item has reached the end of its life. */
  protected finish(entry: Entry): void {
    entry.state = SETTLED;
    this.joins.settled(entry.order);
  }

  // --- endpoints --------------------------------------------------------------------------------------------------

  private left(role: 'producer' | 'consumer'): void {
    if (role === 'consumer') this.checkConsumers();
    this.checkEnd();
  }

  private checkConsumers(): void {
    if (this.endpoints.openConsumers === 0 && this.size > 0)
      this.events.emit('no-consumer', { queue: this.spec.name, items: this.size });
    else this.checkStuck();
  }

  /** Fails a wait when every consumer waits to put into its own full queue, since then nobody can make room. */
  checkStuck(): void {
    // Reserved room may yet come back from producers that do not use it.
    if (this.room + this.reserved > 0 || this.endpoints.consumers.size === 0) return;
    let last: Registered | undefined;
    for (const consumer of this.endpoints.consumers.values()) {
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
    this.closing = this.closed && this.endpoints.openProducers === 0;
    if (!this.drained || this.isEnded) return;
    for (const taker of this.takers) {
      if (!taker.partial && this.inHand > taker.held) continue;
      // What another's end has settled may have ended it already.
      if (this.takers.leave(taker)) taker.end();
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
    for (let entry = this.waiting.pop(); entry !== undefined; entry = this.waiting.pop()) {
      this.size--;
      this.counts.cleared++;
      this.finish(entry);
    }
    const far = this.far?.cleared();
    this.checkEnd();
    this.seekers.serve();
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

  health(): QueueHealth {
    return healthOf(this);
  }

  dispose(error: MillraceError): void {
    if (this.disposed !== undefined) return;
    this.disposed = error;
    this.far?.dispose();
    for (let taker = this.takers.shift(); taker !== undefined; taker = this.takers.shift()) taker.fail(error);
    for (const endpoint of [...this.endpoints.producers.values(), ...this.endpoints.consumers.values()]) endpoint.dispose?.(error);
    this.joins.failAll(error);
    // Whoever takes from now on finds nothing, and so hears why.
    while (this.waiting.pop() !== undefined);
    for (const done of this.endWaits.splice(0)) done();
    this.events.clear();
  }
}
