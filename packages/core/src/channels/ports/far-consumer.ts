import { MillraceError } from '../../errors/error.js';
import type { EndpointInfo, ItemHeaders } from '../../transport/backend.js';
import { type Entry, FETCHED, IN_HAND, MOVED, RICH, SETTLED } from '../../transport/memory/entry.js';
import { Ring } from '../../transport/memory/ring.js';
import type { Home } from '../../transport/memory/home.js';
import type { Registered } from '../../transport/memory/registered.js';
import { packErrors, type Packed } from '../values/errors.js';
import { unpackReason } from '../values/reason.js';
import { transferablesOf } from '../values/survey.js';
import type { FarHost } from './far-host.js';
import { FarProducer } from './far-producer.js';
import type { Link } from './link.js';
import { packBody } from './columns.js';
import { BLOCK_ITEMS, TO_ENDPOINT, TO_HOME } from './messages.js';

interface SentBlock {
  /** Without those that came back: they may be under way again, in another block. */
  readonly entries: (Entry | undefined)[];
  /** Its one item is one that must be alone. */
  readonly alone: boolean;
  /** Items before this place were begun. */
  begun: number;
  /** Items before this place have surely reached user code, but for those in `held`. */
  reached: number;
  /** Items that something there holds back from user code. */
  held: Set<number> | undefined;
  /** Items not settled and not given back. */
  open: number;
}

/** What a home knows of a consumer at the other end of a link: what it asked for, was sent, began and settled. */
export class FarConsumer implements Registered {
  readonly id: string;
  readonly info: EndpointInfo;
  inHand = 0;
  /** Items asked for and not sent. */
  credit = 0;
  /** How many takers wait there, less what was sent to them. */
  waiting = 0;

  private readonly home: Home;
  private readonly host: FarHost;
  private readonly link: Link;
  private readonly blocks = new Map<number, SentBlock>();
  private lastBlock = 0;
  private latest = -1;
  private latestBegun = -1;
  /** Sent and not known to be begun. */
  private fetched = 0;
  /** Of these, those that are under way to somebody who waits. Once they have come, what is not begun is not in use. */
  private expected = 0;
  private readonly flying = new Ring<{ readonly id: number; readonly served: number }>();
  /** An item that must be alone is under way: until it is known to be begun, nothing else is sent. */
  private isAlone = false;
  /** How many such items it has in hand: nothing is sent ahead of need then. */
  private lone = 0;
  private recalling = false;
  /** It is closed, or lost: nothing is sent there any more. */
  private gone = false;
  private nacks = 0;
  private told = '';
  private looping: FarProducer | undefined;

  constructor(host: FarHost, id: string, info: EndpointInfo, link: Link) {
    this.host = host;
    this.home = host.home;
    this.id = id;
    this.info = info;
    this.link = link;
  }

  /** Whether items can be sent to it now. */
  get hungry(): boolean {
    return this.credit > 0 && !this.isAlone;
  }

  /** Whether items may be sent to it that nobody there waits for: of what is asked back, more would come back too. */
  get takesAhead(): boolean {
    return this.hungry && this.lone === 0 && !this.recalling;
  }

  get stuck(): boolean {
    return this.looping?.waiting === true;
  }

  unstick(): void {
    this.looping?.unstick();
  }

  receive(message: readonly unknown[]): void {
    switch (message[0]) {
      case TO_HOME.REPORT:
        this.reported(message[1] as number[], message[2] as number[], message[6] as number[] | undefined, message[7] as number[] | undefined);
        this.credit += message[3] as number;
        this.landed(message[5] as number);
        // Those that what is under way was sent for wait no more when it comes.
        this.waiting = Math.max(0, (message[4] as number) - this.expected);
        this.host.dispatch();
        return;
      case TO_HOME.NACK:
        this.nack(message[1] as number, message[2] as number, message[3] as boolean, unpackReason(message[4] as Packed | undefined));
        return;
      case TO_HOME.REJECT:
        this.reject(message[1] as number, message[2] as number, unpackReason(message[3] as Packed | undefined));
        return;
      case TO_HOME.GIVE_BACK:
        this.recalling = false;
        for (const [block, index, value] of message[2] as [number, number, unknown][]) {
          const entry = this.blocks.get(block)?.entries[index];
          if (entry !== undefined) entry.value = value;
        }
        this.takeBack(message[1] as number[]);
        this.host.recallAnswered();
        this.host.dispatch();
        return;
      case TO_HOME.POLL:
        this.poll(message[1] as number, message[2] as number);
        return;
      case TO_HOME.FLUSH:
        this.link.post([TO_ENDPOINT.FLUSHED, message[1]]);
        return;
      case TO_HOME.CLOSE:
        this.end();
        this.link.post([TO_ENDPOINT.CLOSED, message[1]]);
        return;
      case TO_HOME.RENEWED:
        this.renewed(message[3] as number, message[4] as number, message[5] as number);
        return;
      case TO_HOME.SYNCED:
        this.dropOutdated(message[2] as number);
        this.host.synced(message[1] as number, this);
        return;
      default:
        this.loop().receive(message);
    }
  }

  private loop(): FarProducer {
    return (this.looping ??= new FarProducer(this.host, this.id, this.info, this.link, this));
  }

  /** It had another home before, and goes on counting where it was. */
  private renewed(nacks: number, put: number, latest: number): void {
    this.nacks = nacks;
    this.lastBlock = latest;
    if (put > 0) this.loop().arrived = put;
    if (this.home.drained) this.tellDrained();
  }

  sync(request: number, epoch: number): void {
    this.link.post([TO_ENDPOINT.SYNC, request, epoch, !this.home.accepting]);
  }

  /** Sends up to `items` of what is at hand, as one block. */
  send(items: number): void {
    const { home } = this;
    const most = Math.min(items, this.credit, BLOCK_ITEMS);
    const entries: Entry[] = [];
    while (entries.length < most) {
      const next = home.waiting.peek();
      if (next === undefined || (entries.length > 0 && (next.alone || (next.flags & MOVED) !== 0))) break;
      home.waiting.pop();
      this.fetch(next);
      entries.push(next);
      if (next.alone) {
        this.isAlone = true;
        this.lone++;
        next.alone = false;
        break;
      }
      if ((next.flags & MOVED) !== 0) break;
    }
    if (entries.length > 0) this.post(entries);
  }

  private fetch(entry: Entry): void {
    entry.state = FETCHED;
    if (entry.order > this.latest) this.latest = entry.order;
    else if (entry.attempt === 1) entry.attempt = 2;
  }

  private post(entries: Entry[]): void {
    const rich: number[] = [];
    const moved: number[] = [];
    const attempts: [number, number][] = [];
    const headers: [number, ItemHeaders][] = [];
    const transfer: object[] = [];
    const values = entries.map((entry, i) => {
      if (entry.attempt > 1) attempts.push([i, entry.attempt]);
      if (entry.headers !== undefined) headers.push([i, entry.headers]);
      if ((entry.flags & MOVED) !== 0) {
        moved.push(i);
        transfer.push(...transferablesOf(entry.value));
      }
      if ((entry.flags & RICH) === 0) return entry.value;
      rich.push(i);
      return packErrors(entry.value);
    });
    const alone = this.isAlone;
    const extra = rich.length + moved.length + attempts.length + headers.length > 0 || alone ? { rich, moved, attempts, headers, alone } : undefined;
    const id = ++this.lastBlock;
    this.blocks.set(id, { entries, alone, begun: 0, reached: 0, held: undefined, open: entries.length });
    this.credit -= entries.length;
    this.fetched += entries.length;
    const served = Math.min(this.waiting, entries.length);
    this.waiting -= served;
    this.expected += served;
    this.flying.push({ id, served });
    try {
      const { codec, body } = packBody(values);
      this.link.post([TO_ENDPOINT.ITEMS, codec, entries.length, this.home.epoch, id, body, extra], transfer);
    } catch {
      // Only what was moved here can have become impossible to move on: a stream that somebody has locked meanwhile.
      this.takeBack([id, 0, entries.length], 'maybe');
      return;
    }
    for (const entry of entries) if ((entry.flags & MOVED) !== 0) entry.value = undefined;
    // Behind the items, since it may tell the other side that the queue is drained.
    if (this.home.spec.overflow !== 'wait') this.begin(id, entries.length, 'sent');
  }

  /** Asks for what is not begun, if there is any that nobody there waits for; answers whether an answer is to come. */
  recall(): boolean {
    if (this.fetched - this.expected <= 0) return false;
    if (!this.recalling) {
      this.recalling = true;
      this.link.post([TO_ENDPOINT.RECALL]);
    }
    return true;
  }

  /** The queue is drained: tells it so, once for each state of affairs. */
  tellDrained(): void {
    const changes = this.nacks + (this.looping?.arrived ?? 0);
    const alone = this.home.inHand === this.inHand;
    const told = `${String(changes)} ${String(alone)} ${String(this.lastBlock)}`;
    if (told === this.told) return;
    this.told = told;
    this.link.post([TO_ENDPOINT.DRAINED, changes, alone]);
  }

  /** It is closed: all that it had goes back, and is dealt out. */
  private end(): void {
    this.release('unbegun');
    this.home.afterGiveBack();
    this.leave();
  }

  /** All that it had goes back, to be dealt out. Answers how many items, and how many of them it may have begun. */
  release(unknown: 'unbegun' | 'maybe'): { returned: number; inHand: number } {
    let returned = 0;
    let inHand = 0;
    this.gone = true;
    this.host.forgetConsumer(this);
    this.looping?.end();
    const open: [entry: Entry, reached: boolean][] = [];
    for (const { entries, reached, held } of this.blocks.values())
      for (const [i, entry] of entries.entries())
        if (entry?.state === FETCHED || entry?.state === IN_HAND) open.push([entry, i < reached && held?.has(i) !== true]);
    this.blocks.clear();
    this.inHand = 0;
    this.fetched = 0;
    const error = unknown === 'maybe' ? this.lost() : undefined;
    for (const [entry, reached] of open) {
      returned++;
      if (reached || unknown === 'maybe') inHand++;
      // A moved value that is not here any more cannot be delivered, begun or not.
      this.home.putBack(entry, reached ? 'begun' : entry.moved ? 'maybe' : unknown, error);
    }
    return { returned, inHand };
  }

  /** It is not there any more. */
  leave(): void {
    this.home.endpoints.removeConsumer(this.id);
    this.host.recallAnswered();
  }

  private lost(): MillraceError {
    const { id, info } = this;
    const worker = info.worker === undefined ? '' : ` of worker ${info.worker}`;
    return new MillraceError('ENDPOINT_LOST', `Endpoint ${id}${worker} was lost with the item in hand, or on its way there.`, {
      endpoint: id,
      worker: info.worker,
    });
  }

  /** Blocks up to this one have come. */
  private landed(received: number): void {
    for (let first = this.flying.at(0); first !== undefined && first.id <= received; first = this.flying.at(0)) {
      this.flying.shift();
      this.expected -= first.served;
    }
  }

  private reported(begun: number[], acked: number[], held: number[] = [], shown: number[] = []): void {
    for (let i = 0; i < begun.length; i += 2) this.begin(begun[i]!, begun[i + 1]!, 'reached');
    for (let i = 0; i < held.length; i += 3) {
      const block = this.blocks.get(held[i]!);
      if (block === undefined) continue;
      block.held ??= new Set();
      for (let at = held[i + 1]!; at < held[i + 2]!; at++) block.held.add(at);
    }
    for (let i = 0; i < shown.length; i += 3) {
      const block = this.blocks.get(shown[i]!);
      for (let at = shown[i + 1]!; at < shown[i + 2]!; at++) block?.held?.delete(at);
    }
    for (let i = 0; i < acked.length; i += 3) {
      const id = acked[i]!;
      const block = this.blocks.get(id);
      if (block === undefined) continue;
      for (let at = acked[i + 1]!; at < (acked[i + 2]!); at++) {
        const entry = block.entries[at];
        if (entry?.state !== IN_HAND) continue;
        this.inHand--;
        this.home.ack(entry);
        this.close(id, block);
      }
    }
  }

  private begin(id: number, upTo: number, how: 'sent' | 'reached'): void {
    const block = this.blocks.get(id);
    if (block === undefined) return;
    if (how === 'reached') block.reached = Math.max(block.reached, upTo);
    if (block.alone && this.isAlone) this.isAlone = false;
    for (; block.begun < upTo; block.begun++) {
      const entry = block.entries[block.begun];
      if (entry?.state !== FETCHED) continue;
      this.fetched--;
      this.inHand++;
      entry.state = IN_HAND;
      if (entry.order > this.latestBegun) this.latestBegun = entry.order;
      // Where taking acknowledges, the endpoint says so itself: only there is it known when user code got the item.
      this.home.begin(entry, true);
    }
  }

  private close(id: number, block: SentBlock): void {
    if (--block.open > 0) return;
    this.blocks.delete(id);
    if (!block.alone) return;
    this.lone--;
    this.isAlone = false;
  }

  private nack(id: number, index: number, begun: boolean, error: unknown): void {
    this.nacks++;
    const entry = this.dropInHand(id, index);
    if (entry === undefined) return;
    this.home.giveBack(entry, begun ? 'begun' : 'unbegun', error);
    this.home.checkEnd();
  }

  private reject(id: number, index: number, error: unknown): void {
    const entry = this.dropInHand(id, index);
    if (entry !== undefined) this.home.reject(entry, error);
  }

  private dropInHand(id: number, index: number): Entry | undefined {
    const block = this.blocks.get(id);
    const entry = block?.entries[index];
    if (block === undefined || entry?.state !== IN_HAND) return undefined;
    this.inHand--;
    block.entries[index] = undefined;
    this.close(id, block);
    return entry;
  }

  private takeBack(ranges: number[], use: 'unbegun' | 'maybe' = 'unbegun'): void {
    for (let i = 0; i < ranges.length; i += 3) {
      const id = ranges[i]!;
      const block = this.blocks.get(id);
      if (block === undefined) continue;
      for (let at = ranges[i + 1]!; at < (ranges[i + 2]!); at++) {
        const entry = block.entries[at];
        if (entry === undefined || entry.state === SETTLED) continue;
        if (entry.state === IN_HAND) this.inHand--;
        else this.fetched--;
        block.entries[at] = undefined;
        this.close(id, block);
        this.home.putBack(entry, use);
      }
    }
    this.latest = this.latestHere();
    this.home.afterGiveBack();
  }

  /** The place in order of the latest item that it has begun, or still may begin. */
  private latestHere(): number {
    let latest = this.latestBegun;
    for (const { entries } of this.blocks.values())
      for (const entry of entries) if (entry?.state === FETCHED && entry.order > latest) latest = entry.order;
    return latest;
  }

  /** It has dropped what is older than this epoch, which may not be the latest. */
  private dropOutdated(epoch: number): void {
    for (const [id, block] of this.blocks) {
      for (const entry of block.entries) {
        if (entry?.state !== FETCHED || entry.epoch >= epoch) continue;
        this.fetched--;
        this.home.discardOutdated(entry);
        this.close(id, block);
      }
    }
    this.home.checkEnd();
    this.home.seekers.serve();
  }

  private poll(request: number, more: number): void {
    this.credit += more;
    const before = this.lastBlock;
    // What is under way to it comes there before the answer.
    const coming = this.fetched > 0;
    const find = (): true | undefined => {
      // It may have gone while others were asked for what they have.
      if (this.gone) return undefined;
      this.host.dispatch();
      // What is asked back from it meanwhile keeps nothing from whoever asks there: it is not ahead of need.
      if (this.lastBlock === before && this.hungry) this.send(more);
      return this.lastBlock === before ? undefined : true;
    };
    const answer = (found = false): void => {
      if (!found) this.credit -= more;
      this.link.post([TO_ENDPOINT.POLLED, request, found]);
    };
    const found = find();
    const recalled = coming || found ? undefined : this.host.findRecalled(find);
    if (recalled === undefined) answer(coming || found);
    else void recalled.then(answer);
  }
}
