import type { Runtime } from '../../runtime/runtime.js';
import type { Departure } from '../../transport/backend.js';
import { platform } from '../../runtime/runtime.js';
import { packBlock, unpackBlock } from '../packed/index.js';
import { cloneFormBy } from '../ports/clone-form.js';
import type { ValueForm } from '../ports/form.js';
import type { Link } from '../ports/link.js';
import { type BlockExtra, CODEC_CLONE, TO_ENDPOINT, TO_HOME } from '../ports/messages.js';
import { giveSpare } from '../values/spare.js';
import { transferablesOf } from '../values/survey.js';
import { Access } from './access.js';
import type { Bells, Listening } from './bells.js';
import { ConsumerSide } from './consumer-side.js';
import { holderOf, tend } from './endpoints.js';
import { cutExtra } from './extra.js';
import { FROM_HOST, TO_HOST } from './host-link.js';
import { pagesFor } from './heap.js';
import { completed, type Incoming, Inbox, type InPlace, isItems, movable, partOf } from './inbox.js';
import { AWAY, CAPACITY, CONSUMERS, E, FREE, KEPT, LAST_KEY, slotAt, SHORT, TAKEN } from './layout.js';
import { Patience } from './patience.js';
import { claim, mayClaim } from './room.js';
import { ProducerSide } from './producer-side.js';
import { NoMemory } from './runs.js';
import type { Body } from './items.js';
import { type Keep, Outgoing } from './outgoing.js';
import type { Words } from './words.js';

/** What a shared queue's endpoint has in the place of a port. */
export interface SharedPort {
  readonly memory: SharedArrayBuffer;
  readonly pages: number;
  readonly slot: number;
  readonly owner: number;
  /** What tells of its host's and its own end, and carries what does not fit. */
  readonly port: object;
  readonly sync: number;
  /** How long a block waits for room, in ms. */
  readonly patience: number;
  /** The host's clock when this was made. */
  readonly now: number;
  /** What the endpoint was not told of before it left, and what of that has to be moved. */
  readonly coming?: readonly Incoming[];
  readonly moved?: readonly object[];
}

/** Values as they are put, for this channel to pack. */
export const sharedForm: ValueForm = cloneFormBy(undefined, (values) => ({ codec: CODEC_CLONE, body: values }));

/** An endpoint's place. */
export interface Place extends Pick<SharedPort, 'slot' | 'owner' | 'sync' | 'patience' | 'coming'> {
  readonly role: 'producer' | 'consumer';
  /** The host's clock, where it is another. */
  readonly now?: number;
}

type Message = readonly unknown[];

/**
 * An endpoint's side of shared memory, in the place of a link to its queue's host: what the endpoint says is done at once, by
 * this very thread, and what concerns it is found when its bell rings.
 */
export class SharedLink implements Link {
  readonly form = sharedForm;
  readonly reports = 2;
  readonly slot: number;
  readonly access: Access;
  readonly s: Words;
  private readonly host: Link;
  private readonly runtime: Runtime;
  private readonly bells: Bells;
  private readonly owner: number;
  private readonly offset: number;
  private readonly consumer: ConsumerSide | undefined;
  private readonly producer: ProducerSide;
  private readonly patience: Patience;
  private readonly said: Message[] = [];
  private readonly inbox: Inbox;
  private onMessage: ((message: Message, more?: boolean) => void) | undefined;
  private onLost: (() => void) | undefined;
  private putOff: (() => void) | undefined;
  /** It is about to be delivered; and it is just being delivered. */
  private due = false;
  private delivering = false;
  /** Somebody here waits for what another thread does. */
  private awaits = false;
  private open = true;
  private listening: Listening | undefined;
  /** It has said that it closes: what it held by then may be another's at any time. */
  leaving = false;
  /** Of what was said, something is to be packed before it is done. */
  private unpacked = false;
  private looking = false;
  /** The host was told something that it may not have done. */
  private toldHost = false;

  constructor(s: Words, at: Place, host: Link, runtime: Runtime, bells: Bells) {
    const { role, slot, owner, sync, patience, now, coming = [] } = at;
    this.s = s;
    this.slot = slot;
    this.inbox = new Inbox(coming);
    this.owner = owner;
    this.access = new Access(s, holderOf(owner), bells, () => {
      if (this.awaits && this.inbox.length === 0) this.listening?.expect(owner);
      // A step may have had to wait for the lock: what is left is done then, and what it found is told.
      if (this.unpacked && !this.looking) this.look();
      else this.deliverSoon();
    });
    this.host = host;
    this.runtime = runtime;
    this.bells = bells;
    this.offset = now === undefined ? 0 : now - runtime.now();
    // To be looked at without the lock: a number that is half changed is another one, too.
    const taken = (): number => s.words[TAKEN]! ^ s.words[TAKEN + 1]!;
    this.patience = new Patience(runtime, patience, taken, () => {
      this.look();
    });
    this.producer = new ProducerSide(this, sync);
    this.consumer = role === 'consumer' ? new ConsumerSide(this, coming) : undefined;
  }

  now(): number {
    return Math.round(this.runtime.now() + this.offset) | 0;
  }

  get syncSeen(): number {
    return this.producer.syncSeen;
  }

  post(message: unknown, transfer?: readonly object[]): void {
    if (!this.open) return;
    const said = message as Message;
    switch (said[0]) {
      case TO_HOME.BLOCK:
        this.say([TO_HOME.BLOCK, said[2], said[3], said[4], new Outgoing(said[5] as unknown[], said[6] as BlockExtra | undefined, transfer, this.toHost)]);
        return;
      case TO_HOME.ASK:
        this.say([TO_HOME.ASK, said[1], said[3], said[4], said[5], this.bodiesOf(said), []]);
        return;
      case TO_HOME.GIVE_BACK:
        for (const [part, index, value] of said[2] as [number, number, unknown][]) this.consumer?.returnValue(part, index, value);
        this.say(said);
        return;
      default:
        this.say(said);
    }
  }

  /** A block that went by the host was not put. */
  forget(body: Body): void {
    if (typeof body === 'number') this.host.post([TO_HOST.FORGET, body]);
  }

  tellHost(message: Message, transfer?: readonly object[]): void {
    this.toldHost = true;
    this.host.post(message, transfer);
  }

  receive(onMessage: (message: Message, more?: boolean) => void, onLost: () => void, tell?: () => void): void {
    this.onMessage = onMessage;
    this.onLost = onLost;
    this.putOff = tell;
    this.s.neighbours.add(this);
    this.host.receive(
      (message) => {
        this.fromHost(message);
      },
      () => {
        this.lose();
      },
    );
    this.listening = this.bells.listen(this.s, this.slot, () => {
      if (this.open) this.look();
    });
    this.look();
  }

  close(): void {
    if (!this.open) return;
    this.leave();
    // The host hears of it as of a death: of what has this link's number, nothing may get the lock any more.
    this.access.whenAtRest(() => {
      this.host.close();
    });
  }

  detach(via: Departure): object {
    const { memory, pages } = this.s;
    const { slot, owner, syncSeen: sync, patience } = this;
    this.leave();
    const coming = this.inbox.takeAll();
    const moved = coming.flatMap(({ came }) => (came === undefined ? [] : movable(came.values, came.extra)));
    const shared: SharedPort = { memory, pages, slot, owner, port: this.host.detach(via), sync, patience: patience.ms, now: this.runtime.now() + this.offset, coming, moved };
    return shared;
  }

  private stop(): void {
    this.open = false;
    this.s.neighbours.delete(this);
    this.patience.end();
    this.listening?.end();
  }

  /** What waits for room goes by the host: nobody is here to try again. */
  private leave(): void {
    this.stop();
    if (this.said.length > 0) this.look();
  }

  // --- what the endpoint says ---------------------------------------------------------------------------------------

  private say(message: Message): void {
    this.said.push(message);
    // One of several messages from within a step, or behind one that waits.
    if (this.said.length === 1) this.look();
  }

  /** Does what was said, and finds what there is. */
  look(): void {
    this.looking = true;
    try {
      do {
        this.unpacked = false;
        // Nobody who needs the lock waits for this.
        blockOf(this.said[0])?.ready(this.keep);
        this.access.run(this.lookLocked);
        // A step sets it.
      } while (this.unpacked as boolean);
    } finally {
      this.looking = false;
    }
    this.deliverSoon();
  }

  claim(again: boolean): number {
    const { s, slot } = this;
    let items = 0;
    // What others of this thread have taken leaves room.
    if (!mayClaim(s, slot, again)) void s.catchUp();
    // Behind what waits to be done, room is not this endpoint's yet.
    if (this.open && this.said.length === 0 && mayClaim(s, slot, again))
      this.access.tryRun(() => {
        if (s.get(slotAt(slot) + E.OWNER) === this.owner && s.get(slotAt(slot) + E.ROLE) !== FREE) items = claim(s, slot, this.now(), again);
      });
    return items;
  }

  hear(): void {
    if (!this.open) return;
    this.look();
    this.deliver();
  }

  catchUp(): Promise<void> | undefined {
    this.putOff?.();
    return this.access.rest();
  }

  private readonly lookLocked = (): void => {
    if (!this.open && this.said.length === 0) return;
    const owner = this.s.get(slotAt(this.slot) + E.OWNER);
    // It is about to be opened.
    if (owner < this.owner) return;
    // It was closed, or lost: what it says is no more, and the slot may be another's.
    if (owner > this.owner || this.s.get(slotAt(this.slot) + E.ROLE) === FREE) {
      this.said.length = 0;
      return;
    }
    this.step();
  };

  private step(): void {
    const { s, said } = this;
    for (let first = true; said.length > 0; first = false) {
      const block = blockOf(said[0]);
      if (!first && block?.isReady === false) {
        this.unpacked = true;
        break;
      }
      try {
        this.apply(said[0]!);
        s.commit();
        if (block !== undefined) {
          block.stored();
          this.patience.end();
        }
        said.shift();
      } catch (error) {
        s.rollback();
        if (!(error instanceof NoMemory)) {
          said.shift();
          throw error;
        }
        if (!this.mayWait(said[0]!) && this.goByHost(said[0]!)) continue;
        // It is tried again when there is some.
        this.waitForMemory();
        break;
      }
    }
    try {
      // Once it has left, what there is is found where it goes.
      if (this.open) this.collect();
      s.commit();
    } catch (error) {
      s.rollback();
      if (!(error instanceof NoMemory)) throw error;
      this.waitForMemory();
    }
    const e = slotAt(this.slot);
    this.awaits = s.get(e + E.HUNGRY) !== 0 || s.get(e + E.PUTS) > 0;
    tend(s, this.now());
  }

  /**
   * A block that could find room soon. What a lossy queue is asked for is decided now, a consumer has others waiting, and an
   * unbounded queue takes what it is given.
   */
  private mayWait(said: Message): boolean {
    const { s } = this;
    const bytes = blockOf(said)?.bytes ?? 0;
    return bytes > 0 && pagesFor(bytes) <= (s.pages - s.get(KEPT)) >> 1 && s.get(CAPACITY) >= 0 && this.open && this.consumer === undefined && this.patience.lasts();
  }

  /** There is no room for a block's bytes: the host keeps its values. Answers whether that was not so already. */
  private goByHost(said: Message): boolean {
    if (said[0] !== TO_HOME.ASK) return blockOf(said)?.goByHost(this.keep) === true;
    const bodies = said[5] as Body[];
    const next = (said[6] as unknown[]).length;
    const body = bodies[next];
    if (body === undefined || typeof body === 'number') return false;
    const { values, extra } = unpackBlock(body, 0, 1);
    bodies[next] = this.keep(values, extra);
    return true;
  }

  private waitForMemory(): void {
    const { s } = this;
    s.set(SHORT, 1);
    s.set(slotAt(this.slot) + E.SHORT, 1);
    s.commit();
  }

  private apply(message: Message): void {
    if (message[0] === TO_HOME.CLOSE) this.leaving = true;
    const block = blockOf(message);
    if (block !== undefined) this.producer.store(message, block.ready(this.keep));
    else if (this.isForHost(message[0])) {
      if (message[0] === TO_HOME.NACK || message[0] === TO_HOME.REJECT) this.consumer?.leaves(message[1] as number, 1);
      this.tellHost(message);
    } else if (this.consumer?.apply(message) !== true) this.producer.apply(message);
  }

  /** What the host does is told it in turn: behind what waits for memory, too. */
  private isForHost(kind: unknown): boolean {
    switch (kind) {
      case TO_HOME.NACK:
      case TO_HOME.REJECT:
      case TO_HOME.CLOSE:
      case TO_HOME.SEEN:
        return true;
      default:
        return kind === TO_HOME.FLUSH && this.toldHost;
    }
  }

  private collect(): void {
    this.producer.collect();
    this.consumer?.collect();
  }

  // --- what it hears ------------------------------------------------------------------------------------------------

  tell(message: Message): void {
    this.inbox.add({ message });
  }

  /** Items whose bytes are this endpoint's until it has settled them: they are read when nobody has to wait for that. */
  tellItems(message: readonly [...Message, BlockExtra], inPlace: InPlace): void {
    this.inbox.add({ message, inPlace });
  }

  /** Items of a block that the host keeps the values of: what comes behind them waits for these. */
  tellLater(message: readonly [...Message, BlockExtra], key: number, from: number, to: number): void {
    const incoming: Incoming = { message, kept: { key, from } };
    this.inbox.add(incoming);
    this.host.post([TO_HOST.FETCH, partOf(incoming), key, from, to]);
  }

  private fromHost(message: Message): void {
    if (message[0] === FROM_HOST.VALUES) {
      this.inbox.arrived(message[1] as number, message[2] as unknown[], message[3] as BlockExtra | undefined);
    } else {
      // What was done before is found first.
      if (this.open) this.look();
      // With the queue the values are gone that its host was to send: nothing may wait for them.
      if (message[0] === TO_ENDPOINT.GONE) this.inbox.dropMissing();
      this.tell(message);
    }
    this.deliverSoon();
  }

  private deliverSoon(): void {
    if (this.due || this.inbox.length === 0) return;
    this.due = true;
    platform.queueMicrotask(() => {
      this.due = false;
      this.deliver();
    });
  }

  private deliver(): void {
    if (this.delivering) return;
    this.delivering = true;
    try {
      for (let next: Incoming | undefined; this.open && (next = this.inbox.take()) !== undefined; ) {
        this.consumer?.gets(next);
        this.onMessage?.(completed(next, this.s.bytes), isItems(next) && this.inbox.hasItems);
      }
    } finally {
      this.delivering = false;
    }
  }

  private lose(): void {
    if (!this.open) return;
    this.stop();
    this.onLost?.();
  }

  // --- values -------------------------------------------------------------------------------------------------------

  private bodyFor(values: unknown[], extra: BlockExtra | undefined, transfer?: readonly object[]): Body {
    const packed = packBlock(values, extra);
    if (packed === undefined) return this.keep(values, extra, transfer);
    // The values were copies, whose bytes are in the block now.
    if (transfer !== undefined) giveSpare(transfer);
    return packed;
  }

  private readonly keep: Keep = (values, extra, transfer) => {
    const key = Atomics.add(this.s.words, LAST_KEY, 1);
    this.host.post([TO_HOST.KEEP, key, values, extra], transfer);
    return key;
  };

  private readonly toHost = (): boolean => {
    const { words } = this.s;
    return Atomics.load(words, AWAY) === 0 && Atomics.load(words, CONSUMERS) > 0;
  };

  /** Each item of a question is a block of its own: what becomes of it is decided alone. */
  private bodiesOf(said: Message): Body[] {
    const values = said[6] as unknown[];
    const extra = said[7] as BlockExtra | undefined;
    return values.map((value, i) => {
      // The others' are moved with theirs.
      const moved = extra?.moved?.includes(i) === true ? transferablesOf(value) : undefined;
      const body = this.bodyFor([value], extra && cutExtra(extra, i, i + 1), moved);
      // What it was packed into is used again, for the next one.
      return typeof body === 'number' ? body : body.slice();
    });
  }
}

function blockOf(said: Message | undefined): Outgoing | undefined {
  return said?.[0] === TO_HOME.BLOCK ? (said[4] as Outgoing) : undefined;
}
