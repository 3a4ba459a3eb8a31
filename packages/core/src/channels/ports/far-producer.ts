import type { EndpointInfo } from '../../transport/backend.js';
import { MOVED, RICH } from '../../transport/memory/entry.js';
import type { Home } from '../../transport/memory/home.js';
import type { Registered, RoomSeeker } from '../../transport/memory/registered.js';
import type { FarConsumer } from './far-consumer.js';
import type { FarHost } from './far-host.js';
import type { Link } from './link.js';
import { TO_ENDPOINT, TO_HOME } from './messages.js';
import { type Block, readBlock } from './read-block.js';

/** Room that one producer may hold ahead of need, in items, at the most. */
const MOST_AHEAD = 1024;

/** What a home knows of a producer at the other end of a link: the room it was promised, and what it waits for. */
export class FarProducer implements Registered, RoomSeeker {
  readonly id: string;
  readonly info: EndpointInfo;
  readonly inHand = 0;
  before: RoomSeeker | undefined;
  after: RoomSeeker | undefined;
  inLine = false;
  since = 0;
  /** Items that arrived. */
  arrived = 0;

  private readonly home: Home;
  private readonly host: FarHost;
  private readonly link: Link;
  private readonly isLoop: boolean;
  /** The endpoint that it belongs to: itself, or the consumer whose deliveries put. */
  private readonly endpoint: FarProducer | FarConsumer;
  /** What becomes of an item is decided here, so that none is accepted ahead. */
  private readonly asks: boolean;
  /** Credits it was sent, or will be sent at the end of the turn, and has not used: all of them are reserved room. */
  private outstanding = 0;
  private unsent = 0;
  /** Below zero while it has taken back what was just granted. */
  private waitingPuts = 0;
  private unsticking = false;
  private ended = false;
  private deferred = false;
  private recalling = false;

  constructor(host: FarHost, id: string, info: EndpointInfo, link: Link, loopOf?: FarConsumer) {
    this.host = host;
    this.home = host.home;
    this.id = id;
    this.info = info;
    this.link = link;
    this.isLoop = loopOf !== undefined;
    this.endpoint = loopOf ?? this;
    this.asks = this.home.spec.overflow !== 'wait' || this.home.spec.gate;
  }

  /** Whether a put waits there, as far as known here. */
  get waiting(): boolean {
    return this.waitingPuts > 0;
  }

  receive(message: readonly unknown[]): void {
    // What it answered while its closing was under way: all that it held is accounted for.
    if (this.ended) return;
    switch (message[0]) {
      case TO_HOME.BLOCK:
        this.arrive(readBlock(message, 1));
        return;
      case TO_HOME.WANT:
        this.wanted(message[1] as number);
        return;
      case TO_HOME.RETURN:
        this.returned(message[1] as number);
        return;
      case TO_HOME.FLUSH:
        this.link.post([TO_ENDPOINT.FLUSHED, message[1]]);
        return;
      case TO_HOME.ASK:
        this.asked(message[1] as number, readBlock(message, 2));
        return;
      case TO_HOME.TRY:
        this.tried(message[1] as number);
        return;
      case TO_HOME.SEEN:
        this.link.post([TO_ENDPOINT.SEEN, message[1], this.home.seen.has(message[2] as string)]);
        return;
      case TO_HOME.CLOSE:
        this.end();
        this.link.post([TO_ENDPOINT.CLOSED, message[1]]);
        return;
      case TO_HOME.REFUSED:
        this.home.counts.refused += message[1] as number;
        return;
      case TO_HOME.SYNCED:
        this.host.synced(message[1] as number, this);
    }
  }

  sync(request: number, epoch: number): void {
    this.link.post([TO_ENDPOINT.SYNC, request, epoch, !this.home.accepting]);
  }

  /** While its puts wait, it seeks as much as it may hold ahead, so that each message brings many. */
  get wants(): number {
    return this.waitingPuts > 0 ? Math.max(this.waitingPuts, this.ahead()) - this.unsent : 0;
  }

  grant(n: number): void {
    // It refuses its puts itself as soon as it hears of the gate, and then wants no room.
    if (!this.home.accepting) return;
    this.home.reserved += n;
    this.outstanding += n;
    this.unsent += n;
    if (this.unsent >= Math.max(this.waitingPuts, this.ahead() / 4)) {
      this.sendCredits();
      this.host.wantsRoom(this, this.portion);
    } else if (!this.deferred) {
      // The room that this turn's takes make goes in one message.
      this.deferred = true;
      this.home.runtime.defer(() => {
        this.deferred = false;
        this.sendCredits();
        if (this.wants <= 0) this.home.seekers.leave(this);
      });
    }
  }

  /** Asks for what it does not use; answers whether an answer is to come. */
  recall(): boolean {
    // While it waits it has nothing unused: what it was promised is on its way there.
    if (this.outstanding === 0 || this.waitingPuts > 0) return false;
    if (!this.recalling) {
      this.recalling = true;
      this.host.wantsNoRoom(this);
      this.sendCredits();
      this.link.post([TO_ENDPOINT.RECALL]);
    }
    return true;
  }

  unstick(): void {
    if (this.unsticking) return;
    this.unsticking = true;
    this.link.post([TO_ENDPOINT.STUCK]);
  }

  /** It is closed or gone: what it holds is free again. */
  end(): void {
    this.ended = true;
    this.waitingPuts = 0;
    this.home.reserved -= this.outstanding;
    this.outstanding = 0;
    this.unsent = 0;
    this.recalling = false;
    if (!this.isLoop) {
      this.host.forgetProducer(this);
      this.home.endpoints.removeProducer(this.id);
    }
    this.home.seekers.leave(this);
    this.host.wantsNoRoom(this);
    this.host.recallAnswered();
  }

  private ahead(): number {
    if (this.isLoop || this.asks) return 0;
    const { capacity } = this.home.spec;
    if (capacity === Infinity) return MOST_AHEAD;
    const { producers } = this.home.endpoints;
    // Half stays for others, even if this one's thread is too busy to answer a recall.
    const share = producers.size === 1 ? capacity : Math.floor(capacity / 2 / producers.size);
    return Math.min(MOST_AHEAD, share);
  }

  private sendCredits(): void {
    const n = this.unsent;
    if (n === 0) return;
    this.unsent = 0;
    const answered = Math.max(0, Math.min(this.waitingPuts, n));
    this.waitingPuts -= answered;
    this.link.post([TO_ENDPOINT.CREDIT, n, answered]);
  }

  private arrive(block: Block): void {
    const { home } = this;
    this.arrived += block.count;
    for (let i = 0; i < block.count; i++) {
      this.outstanding--;
      home.reserved--;
      if (block.epoch !== home.epoch) home.discardOutdated();
      else {
        this.host.noteArrival(this.endpoint, home.nextOrder);
        home.enqueue(block.values[i], flagsOf(block, i), block.headers?.get(i));
      }
    }
    this.saw(block);
    if (home.seekers.any) home.seekers.serve();
    else this.topUp();
  }

  /** How much room is worth a message. */
  private get portion(): number {
    return Math.max(1, Math.floor(this.ahead() / 4));
  }

  /** Nobody waits: it gets room ahead of need, in large portions, now or as soon as there is one. */
  topUp(): void {
    const target = this.ahead();
    if (this.outstanding * 2 > target || target === 0) return;
    const n = Math.min(target - this.outstanding, this.home.room);
    if (n < this.portion) {
      this.host.wantsRoom(this, this.portion);
      return;
    }
    this.home.reserved += n;
    this.outstanding += n;
    this.unsent += n;
    this.sendCredits();
  }

  /** A lossy queue needs no room, a gated one may not take what it has room for: the answer tells what became of each item. */
  private asked(request: number, block: Block): void {
    const { home } = this;
    const credited = home.spec.overflow === 'wait';
    const answers = block.values.map((value, i) => {
      if (credited) {
        this.outstanding--;
        home.reserved--;
      }
      if (block.epoch === home.epoch || !home.accepting) {
        if (home.takes) this.host.noteArrival(this.endpoint, home.nextOrder);
        return home.enqueueByRule(value, flagsOf(block, i), block.headers?.get(i));
      }
      home.discardOutdated();
      return 'accepted';
    });
    this.arrived += block.count;
    if (home.accepting) this.saw(block);
    this.link.post([TO_ENDPOINT.ANSWERS, request, answers]);
    if (credited) home.seekers.serve();
  }

  private tried(request: number): void {
    const { home } = this;
    const answer = (): void => {
      // It may be gone since it asked.
      const granted = home.accepting && home.room > 0 && this.host.knows(this);
      if (granted) {
        home.reserved++;
        this.outstanding++;
      }
      this.link.post([TO_ENDPOINT.TRIED, request, granted]);
    };
    const recalled = home.room <= 0 ? home.seekers.roomForSure() : undefined;
    if (recalled === undefined) answer();
    else void recalled.then(answer);
  }

  private saw(block: Block): void {
    this.home.seen.note(this.id, block.sequence + block.count - 1);
  }

  /** More puts wait there than were known of, or fewer: some were given up, or served with what they had ahead. */
  private wanted(more: number): void {
    this.waitingPuts += more;
    this.unsticking = false;
    if (this.waitingPuts > 0) {
      this.home.seekers.join(this);
      if (this.isLoop && this.waitingPuts > 0) this.home.checkStuck();
    } else this.home.seekers.leave(this);
  }

  private returned(n: number): void {
    this.recalling = false;
    this.outstanding -= n;
    this.home.reserved -= n;
    this.host.recallAnswered();
    this.home.seekers.serve();
    this.home.checkStuck();
  }
}

function flagsOf({ extra }: Block, i: number): number {
  return (extra.moved?.includes(i) === true ? MOVED : 0) | (extra.rich?.includes(i) === true ? RICH : 0);
}
