import type { QueueStats } from '../../transport/backend.js';
import { text } from '../assert.js';
import type { ModelOptions, Waits } from './model-types.js';
import { between, broken, equal } from './broken.js';
import { DeadCount } from './dead-count.js';
import { GateModel } from './gate-model.js';
import { type Item, type Lane, newItem, type Place } from './item.js';

/**
 * The contract as a state machine: it is told what user code did and saw, refuses what may not happen, and at quiescent
 * points knows what must have happened. It knows nothing of how a transport works.
 */
export class Model {
  readonly items: Item[] = [];
  closed = false;
  /** It was closed when the present group began. */
  closedBefore = false;
  producers = 0;
  consumers = 0;
  /** A death makes counts inexact: acks and attempts may have been under way. */
  inexact = false;

  readonly options: ModelOptions;
  readonly gate: GateModel;
  private taken = 0;
  private acked = 0;
  private marked = 0;
  private mustBeMarked = 0;
  private droppedNew = 0;
  /** Puts that were refused, and of how many more it is not known. */
  private refusals = 0;
  private maybeRefused = 0;
  private readonly dead = new DeadCount();
  /** Puts of which it is not known what became. */
  private doubts = 0;
  private clearing = false;
  private readonly died = new Set<object>();
  private anyReturned = false;
  private anyCleared = false;

  constructor(options: ModelOptions) {
    this.options = options;
    this.gate = new GateModel(options.gated);
  }

  private get lossy(): boolean {
    return this.options.overflow !== 'wait';
  }

  // --- what user code did and saw -----------------------------------------------------------------------------------

  offer(producer: object, sequence: number, among = false): Item {
    const item = newItem(this.items.length, producer, sequence, among, this.clearing);
    this.items.push(item);
    return item;
  }

  accepted(item: Item): void {
    if (item.place !== 'offered') return;
    if (!this.gate.mayAccept)
      broken(`item ${item.id} was accepted, and the queue was not ready all the while`);
    if (this.clearing) item.outdated = 'maybe';
    item.place = this.lossy || item.outdated !== false ? 'limbo' : 'waiting';
  }

  /** Its put says that the gate was closed. */
  refused(item: Item): void {
    if (!this.gate.mayRefuse)
      broken(`item ${item.id} was refused, and the queue was ready all the while`);
    this.notPut(item);
    this.refusals++;
  }

  /** Its tryPut says that it was not put, for whatever reason. */
  notTaken(item: Item): void {
    if (this.gate.mayRefuse) {
      this.notPut(item);
      this.maybeRefused++;
    } else if (this.lossy) this.droppedAtPut(item);
    else this.notPut(item);
  }

  /** Its put says that surely nothing was put. */
  notPut(item: Item): void {
    // Heard of after its producer's death, by when it was in doubt; now it is not.
    const doubted = item.place === 'limbo' && item.doubtful && !item.delivered;
    if (item.place !== 'offered' && !doubted)
      broken(`item ${item.id} was delivered, and its put says that it was not put`);
    item.place = 'gone';
    item.doubtful = false;
  }

  droppedAtPut(item: Item): void {
    this.notPut(item);
    this.droppedNew++;
  }

  /** So many of these were dropped when they were put. */
  droppedAmong(items: readonly Item[], dropped: number): void {
    for (const item of items) if (item.place === 'offered') item.place = 'limbo';
    this.droppedNew += dropped;
  }

  /** Nobody knows whether it was put. */
  uncertain(item: Item): void {
    if (item.place !== 'offered') return;
    item.place = 'limbo';
    this.doubts++;
  }

  /** User code has received the item, by `lane`; `attempt` if it was told. */
  delivered(id: unknown, lane: Lane, attempt: number | undefined): Item {
    const item = this.items[id as number];
    if (item === undefined) broken(`something was delivered that nobody put: ${text(id)}`);
    if (item.place === 'in-hand') broken(`item ${item.id} was delivered while it was in hand`);
    if (item.place === 'gone')
      broken(`item ${item.id} was delivered after it was settled, cleared or refused`);
    const before = lane.latest.get(item.producer) ?? -1;
    const late = item.sequence < before && !item.unordered;
    if (!late && !item.unordered) lane.latest.set(item.producer, item.sequence);
    const mustBeMarked = late || item.handed > 0;
    if (attempt !== undefined) {
      if (attempt > 1) this.marked++;
      if (mustBeMarked && attempt === 1)
        broken(
          `item ${item.id} ${late ? 'came after a later one of its producer' : 'was delivered again'}, with attempt 1`,
        );
      if (attempt < 1 + item.handed)
        broken(`item ${item.id} was given back ${item.handed} times, and has attempt ${attempt}`);
      if (this.options.local && attempt > 2 + item.handed)
        broken(`item ${item.id} was given back ${item.handed} times, and has attempt ${attempt}`);
      if (this.options.local && !this.anyReturned && attempt > 1)
        broken(`nothing was ever given back, and item ${item.id} has attempt ${attempt}`);
    } else if (mustBeMarked) this.mustBeMarked++;
    this.taken++;
    item.undisturbed = false;
    item.place = 'in-hand';
    item.delivered = true;
    if (this.options.onTake) this.ack(item);
    return item;
  }

  ack(item: Item): void {
    if (item.place !== 'in-hand') return;
    item.place = 'gone';
    item.ackedLately = true;
    this.acked++;
  }

  /** User code gave it back, having received it; `sure` if the home knows that it had. */
  giveBack(item: Item, sure = true): void {
    if (item.place !== 'in-hand') return;
    this.anyReturned = true;
    item.handed++;
    if (sure) item.sure++;
    const { maxDeliveries } = this.options;
    if (item.outdated === true) {
      item.place = 'gone';
      this.anyCleared = true;
    } else if (item.outdated !== false || this.clearing) item.place = 'limbo';
    else if (item.sure >= maxDeliveries) this.buries(item);
    else item.place = item.handed >= maxDeliveries || this.lossy ? 'limbo' : 'waiting';
    if (item.place === 'limbo' && item.handed >= maxDeliveries) this.dead.most++;
  }

  reject(item: Item): void {
    if (item.place !== 'in-hand') return;
    if (item.outdated === true) {
      item.place = 'gone';
      this.anyCleared = true;
    } else if (item.outdated !== false || this.clearing) {
      item.place = 'limbo';
      this.dead.most++;
    } else this.buries(item);
  }

  private buries(item: Item): void {
    item.place = 'gone';
    this.dead.add();
  }

  /** A dead letter is put back, and comes as new, unless what is answered is called. Undefined if it is none any more. */
  revived(id: unknown): (() => void) | undefined {
    const item = this.items[id as number]!;
    if (item.place !== 'gone' && item.place !== 'limbo') return undefined;
    const before = { ...item };
    this.dead.revived++;
    Object.assign(item, {
      place: this.lossy || this.clearing ? 'limbo' : 'waiting',
      outdated: this.clearing ? 'maybe' : false,
      revived: true,
      unordered: true,
      unsettledBefore: false,
      arrivedBefore: false,
      undisturbed: false,
      handed: 0,
      sure: 0,
    } satisfies Partial<Item>);
    return () => {
      this.dead.revived--;
      Object.assign(item, before);
    };
  }

  /** Some wait that may have gathered items was given up: they come back, though nobody saw them. */
  returnedUnseen(): void {
    this.anyReturned = true;
  }

  /** `clear` is called; it is `exact` where it takes effect at once, and nobody has gathered a batch unseen. */
  clear(exact: boolean): void {
    this.anyCleared = true;
    if (!exact) {
      this.clearing = true;
      this.dead.doubt();
    }
    for (const item of this.items) {
      // What is given back right behind the call may be there before it.
      if (item.place === 'in-hand')
        item.outdated = this.options.clearsLater && item.outdated !== true ? 'soon' : true;
      else if (item.place === 'waiting' || item.place === 'limbo')
        item.place = exact ? 'gone' : 'limbo';
      if (item.place === 'offered' && (item.among || !exact)) item.outdated ||= 'maybe';
      if (item.place === 'limbo' && !exact) item.outdated ||= 'maybe';
    }
  }

  /** A producer died: what it had put since the last quiescent point may be lost. */
  producerDied(producer: object): void {
    this.inexact = true;
    this.died.add(producer);
    for (const item of this.items)
      if (
        item.producer === producer &&
        !item.arrivedBefore &&
        (item.place === 'waiting' || item.place === 'offered')
      ) {
        item.place = 'limbo';
        item.doubtful = true;
      }
  }

  /** A consumer died: what it had in hand comes back, and what it acked lately may. */
  consumerDied(held: Iterable<Item>, seen: ReadonlySet<Item>): void {
    this.inexact = true;
    for (const item of held) this.giveBack(item, false);
    for (const item of seen) {
      if (!item.ackedLately || item.place !== 'gone') continue;
      item.place = 'limbo';
      item.handed++;
      if (item.handed >= this.options.maxDeliveries) this.dead.most++;
    }
    this.anyReturned = true;
  }

  // --- what must be ---------------------------------------------------------------------------------------------------

  beginGroup(): void {
    this.gate.beginGroup();
    this.dead.beginGroup();
    this.closedBefore = this.closed;
    for (const item of this.items) {
      item.unsettledBefore = item.place === 'waiting' || item.place === 'in-hand';
      item.arrivedBefore = item.unsettledBefore || item.place === 'limbo';
      item.ackedLately = false;
      item.undisturbed = item.place === 'waiting';
    }
  }

  /** What is unsettled now, and was so, outside of `mine`, since the group began: no iteration may have ended meanwhile. */
  keptOpen(mine: ReadonlySet<Item>): Item | undefined {
    return this.items.find(
      (item) =>
        item.unsettledBefore &&
        (item.place === 'waiting' || item.place === 'in-hand') &&
        !mine.has(item),
    );
  }

  /** What nobody has touched since the group began: whoever looked must have found it. */
  get undisturbed(): Item | undefined {
    return this.items.find((item) => item.undisturbed && item.place === 'waiting');
  }

  get mayHaveEnded(): boolean {
    return this.closed && this.producers === 0;
  }

  /** Whether all of these are settled for sure; undefined when that is not known. */
  settled(items: readonly Item[]): boolean | undefined {
    if (
      items.some(({ place, revived }) => !revived && (place === 'waiting' || place === 'in-hand'))
    )
      return false;
    return items.some((item) => item.place === 'limbo' || item.place === 'offered' || item.revived)
      ? undefined
      : true;
  }

  /** Everything is at rest: the counts must agree, and whatever waits must have a reason to. */
  check(stats: QueueStats, waits: Waits): void {
    if (this.clearing) this.cleared();
    const count = (place: Place): number =>
      this.items.reduce((n, item) => (item.place === place ? n + 1 : n), 0);
    const inHand = count('in-hand');
    const sure = count('waiting');
    const limbo =
      count('limbo') +
      this.items.reduce((n, item) => (item.place === 'offered' && item.among ? n + 1 : n), 0);
    const gathered = stats.inHand - inHand;
    const mostGathered = waits.takes.reduce((n, take) => n + take.gathers, 0);
    const { lossy } = this;
    const { capacity, overflow } = this.options;

    between('items in hand, beyond those that user code has', gathered, 0, mostGathered);
    between('size', stats.size, sure - gathered, sure + limbo - gathered);
    const back = this.items.filter(
      (item) =>
        (item.place === 'waiting' ||
          item.place === 'limbo' ||
          (item.place === 'offered' && item.among)) &&
        (item.handed > 0 || item.revived || this.anyReturned),
    ).length;
    // Far from home, what was on its way to somebody who gave up comes back, and may exceed the bound of a lossy queue.
    if (stats.size > capacity + back && (!lossy || this.options.local))
      broken(
        `${stats.size} items wait, the capacity is ${capacity}, and ${back} may have been given back`,
      );
    if (waits.puts > 0 && lossy) broken(`a put waits on a lossy queue`);
    if (waits.puts > 0 && stats.size < capacity)
      broken(`a put waits while ${stats.size} items wait, and the capacity is ${capacity}`);
    for (const take of waits.takes) {
      if (take.excused) continue;
      if (stats.size > 0) broken(`${take.what} waits while ${stats.size} items wait`);
      if (!this.mayHaveEnded) continue;
      if (take.gathers > 0 && gathered > 0)
        broken(`${take.what} gathers a batch although the queue is drained`);
      if (stats.inHand === take.held) broken(`${take.what} waits although the queue has ended`);
    }
    // What found no room never arrived; what made room for others did.
    const droppedOld = overflow === 'drop-oldest' ? stats.dropped : 0;
    if (overflow === 'drop-newest' && !this.inexact)
      between(
        'dropped',
        stats.dropped,
        this.droppedNew,
        this.droppedNew + this.doubts + this.maybeRefused,
      );
    const arrived =
      stats.put - stats.size - stats.inHand - stats.acked - stats.cleared - stats.dead - droppedOld;
    if (arrived !== 0) broken(`of ${stats.put} items put, ${arrived} are nowhere: ${text(stats)}`);
    if (!lossy && stats.dropped !== 0)
      broken(`${stats.dropped} items were dropped from a queue that waits`);
    if (stats.cleared > 0 && !this.anyCleared)
      broken(`${stats.cleared} items were cleared, and nobody called clear`);
    const mostRefused = this.refusals + this.maybeRefused + this.doubts;
    if (!this.inexact) between('refused', stats.refused, this.refusals, mostRefused);
    if (this.gate.is === 'emptied') equal('size of a queue that is not ready', stats.size, 0);
    if (waits.puts > 0 && this.gate.is !== 'open')
      broken('a put waits on a queue that is not ready');
    between('dead', stats.dead, this.dead.least, this.dead.most);
    equal('producers', stats.producers, this.producers);
    equal('consumers', stats.consumers, this.consumers);
    if (this.inexact) return;
    equal('acked', stats.acked, this.acked);
    equal('taken', stats.taken - gathered, this.taken);
    if (this.options.onTake) return;
    const most = this.options.local && !this.anyReturned ? 0 : this.taken + gathered;
    between('redelivered', stats.redelivered, this.marked + this.mustBeMarked, most);
  }

  /** Nothing is open and nothing waits: where is every item? */
  checkEnd(stats: QueueStats): void {
    const gaps = new Set<object>();
    for (const item of this.items) {
      if (item.place === 'waiting') broken(`item ${item.id} was accepted and never delivered`);
      if (item.place === 'offered') broken(`the put of item ${item.id} was never answered`);
      if (item.place === 'in-hand') broken(`item ${item.id} is in hand at the end`);
    }
    if (!this.anyCleared && !this.lossy) {
      const delivered = this.items.filter((item) => item.delivered).length;
      if (stats.put - this.dead.revived !== delivered)
        broken(`${stats.put - this.dead.revived} items arrived, and ${delivered} were delivered`);
      for (const item of this.items) {
        if (!this.died.has(item.producer)) continue;
        if (item.unordered) continue;
        if (item.doubtful && !item.delivered) gaps.add(item.producer);
        else if (item.delivered && gaps.has(item.producer))
          broken(`a producer died, and item ${item.id} arrived although one before it did not`);
      }
    }
    equal('size at the end', stats.size, 0);
    equal('items in hand at the end', stats.inHand, 0);
  }

  /** The group in which clear was called is over. */
  private cleared(): void {
    this.clearing = false;
    for (const item of this.items) {
      // Not accepted yet: it belongs to what comes after.
      if (item.place === 'offered' && !item.among) item.outdated = false;
      if (!item.arrivedBefore && item.outdated !== 'soon') continue;
      // It waited when clear was called, or came back afterwards: it is gone either way.
      if (item.place === 'limbo') item.place = 'gone';
      if (item.place === 'in-hand') item.outdated = true;
    }
  }
}
