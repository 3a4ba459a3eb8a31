import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { DeadLetter, Departure, EndpointInfo, QueueEvents } from '../../transport/backend.js';
import { Events } from '../../transport/memory/events.js';
import { SeenPuts } from '../../transport/memory/seen-puts.js';
import type { QueueSpec } from '../../transport/spec.js';
import { unpackBlock } from '../packed/index.js';
import type { Link } from '../ports/link.js';
import { type BlockExtra, TO_ENDPOINT, TO_HOME } from '../ports/messages.js';
import { type Packed, unpackErrors } from '../values/errors.js';
import { unpackReason } from '../values/reason.js';
import { Access } from './access.js';
import type { Bells, Listening } from './bells.js';
import { countOpen, holderOf, HOST_HOLDER, leave, open, type Role, ringAll, tend } from './endpoints.js';
import { findInHand, takeBack, end, type Use } from './hands.js';
import { FROM_HOST, movableIn, TO_HOST } from './host-link.js';
import { AWAY, B, CAPACITY, CLEARED, DROP_NEWEST, DROP_OLDEST, DROPPED, E, ENDED, FLAGS, FREE_PAGES, FREED, GATED, HOLDS, KEPT, MOST_ITEMS, OPEN_CONSUMERS, ON_TAKE, OVERFLOW, R, REFUSING, SIZE, SLOTS, slotAt, STEPS, WAIT } from './layout.js';
import { recover } from './lock.js';
import { lengthOf, outdatedOf, placeOf } from './runs.js';
import { forgetBlock } from './items.js';
import { KeptValues } from './kept.js';
import { ended, SharedLetters } from './letters.js';
import { LocalLink } from './local-link.js';
import { bellOf, heardOf, HOST, Words } from './words.js';

type Message = readonly unknown[];

/** What its memory has room for. */
export interface Room {
  /** Pages in all, and those that are kept for records. */
  readonly pages: number;
  readonly kept: number;
  /** How many items may be in it and in hand, put-back letters aside; 0: no bound. */
  readonly most: number;
}

/** An endpoint, as the host knows it. */
export interface Known {
  readonly id: string;
  readonly role: Role;
  info: EndpointInfo;
  readonly slot: number;
  readonly owner: number;
  link: Link;
  /** It is in another thread. */
  away: boolean;
}

/** The reasons of items that came back, at the most. */
const REASONS = 4096;

/**
 * What a shared queue's host does, for all endpoints: it opens them, hears of their ends, and keeps what does not belong into
 * shared memory. Items do not go through it.
 */
export class SharedHost {
  readonly spec: QueueSpec;
  readonly runtime: Runtime;
  readonly bells: Bells;
  readonly s: Words;
  readonly access: Access;
  readonly events = new Events<QueueEvents>();
  readonly known = new Map<number, Known>();
  readonly letters: SharedLetters;
  readonly kept = new KeptValues();
  readonly seen = new SeenPuts();
  /** Calls back when the state may have changed. */
  onLook: () => void = () => undefined;
  dead = 0;
  deadDropped = 0;
  disposed: MillraceError | undefined;
  /** What is to be told once the lock is free: whoever listens may come back at once. */
  private readonly told: (() => void)[] = [];
  private readonly reasons = new Map<number, unknown>();
  private readonly listening: Listening;
  private ids = 0;
  private owners = 0;

  constructor(spec: QueueSpec, runtime: Runtime, bells: Bells, { pages, kept, most }: Room) {
    this.spec = spec;
    this.runtime = runtime;
    this.bells = bells;
    const s = (this.s = Words.create(pages));
    const { words } = s;
    words[CAPACITY] = spec.capacity === Infinity ? -1 : spec.capacity;
    words[OVERFLOW] = spec.overflow === 'wait' ? WAIT : spec.overflow === 'drop-oldest' ? DROP_OLDEST : DROP_NEWEST;
    words[FLAGS] = (spec.gate ? GATED | REFUSING : 0) | (spec.acknowledge === 'on-take' ? ON_TAKE : 0);
    words[FREE_PAGES] = pages;
    words[KEPT] = kept;
    words[MOST_ITEMS] = most;
    this.access = new Access(s, HOST_HOLDER, bells, () => {
      if (this.told.length > 0) for (const tell of this.told.splice(0)) tell();
    });
    this.listening = bells.listen(s, HOST, () => {
      this.look();
    });
    this.letters = new SharedLetters({
      name: spec.name,
      capacity: spec.deadLetterCapacity,
      check: () => {
        if (this.disposed !== undefined) throw this.disposed;
        if ((this.s.get(FLAGS) & ENDED) !== 0) throw ended(spec.name);
        return (this.s.get(FLAGS) & REFUSING) === 0;
      },
      enqueue: (letter) => {
        this.putBack(letter);
      },
      dropped: (id) => {
        this.deadDropped++;
        this.emit('dead-letter-dropped', { queue: spec.name, id });
      },
    });
  }

  /** How letters that are put back get in. */
  putBack: (letter: DeadLetter) => void = () => undefined;

  /** Within a step, behind it. */
  emit<K extends keyof QueueEvents>(type: K, event: QueueEvents[K]): void {
    this.told.push(() => {
      this.events.emit(type, event);
    });
  }

  now(): number {
    return Math.round(this.runtime.now()) | 0;
  }

  nextId(kind: string): string {
    return `${this.spec.name}/${kind}${String(++this.ids)}`;
  }

  // --- endpoints ----------------------------------------------------------------------------------------------------

  open(role: Role, info: EndpointInfo): { known: Known; link: LocalLink } {
    const { name } = this.spec;
    let slot = 0;
    while (this.known.has(slot)) slot++;
    if (slot >= SLOTS)
      throw new MillraceError('CAPABILITY_MISSING', `Queue "${name}" in shared memory has ${String(SLOTS)} open endpoints, and takes no more. Close some, or use ports.`, { queue: name });
    const link = new LocalLink(
      (message) => {
        this.receive(known, message);
      },
      (via) => this.move(known, via),
      (message) => {
        known.link.post(message, movableIn(message));
      },
    );
    const known: Known = { id: this.nextId(role === 'producer' ? 'p' : 'c'), role, info, slot, owner: ++this.owners, link: link.atHost, away: false };
    this.known.set(slot, known);
    // Somebody may have died with the lock: then it is open as soon as that is mended.
    this.access.run(() => {
      open(this.s, slot, role, known.owner);
    });
    return { known, link };
  }

  /** The endpoint goes to a worker: what it says to its host comes over a link from now on. */
  private move(known: Known, via: Departure): object {
    const opened = via.open();
    this.access.run(() => {
      if (!this.isOpen(known)) return;
      known.away = true;
      if (known.role === 'consumer') this.s.add(AWAY, 1);
    });
    known.link = opened.link as Link;
    known.link.receive(
      (message) => {
        this.receive(known, message);
      },
      () => {
        this.lose(known);
      },
    );
    return opened.far;
  }

  private receive(known: Known, message: Message): void {
    if (!this.isOpen(known)) return;
    const { link } = known;
    switch (message[0]) {
      case TO_HOME.NACK:
        this.nack(known, message[1] as number, message[2] as number, message[3] as boolean, unpackReason(message[4] as Packed | undefined));
        return;
      case TO_HOME.REJECT:
        this.reject(known, message[1] as number, message[2] as number, unpackReason(message[3] as Packed | undefined));
        return;
      case TO_HOME.FLUSH:
        link.post([TO_ENDPOINT.FLUSHED, message[1]]);
        return;
      case TO_HOME.SEEN:
        this.access.run(() => {
          link.post([TO_ENDPOINT.SEEN, message[1], this.hasSeen(message[2] as string)]);
        });
        return;
      case TO_HOME.CLOSE:
        this.access.run(() => {
          this.end(known, 'unbegun');
          link.post([TO_ENDPOINT.CLOSED, message[1]]);
        });
        return;
      case TO_HOST.KEEP:
        this.kept.keep(message[1] as number, message[2] as unknown[], message[3] as BlockExtra | undefined);
        return;
      case TO_HOST.FORGET:
        this.kept.forget(message[1] as number);
        return;
      case TO_HOST.FETCH: {
        const [, part, key, from, to] = message as [number, number, number, number, number];
        this.kept.whenThere(key, from, to, known, () => {
          const { values, extra, transfer } = this.kept.take(key, from, to, known);
          // Meanwhile the endpoint may have been handed over.
          known.link.post([FROM_HOST.VALUES, part, values, extra], transfer);
        });
        return;
      }
      case TO_HOST.RETURN:
        this.kept.giveBack(message[1] as number, message[2] as number, message[3]);
    }
  }

  /** Its slot may be another's by now. */
  private isOpen(known: Known): boolean {
    return this.known.get(known.slot) === known;
  }

  private hasSeen(id: string): boolean {
    const cut = id.lastIndexOf('#');
    for (const known of this.known.values())
      if (known.id === id.slice(0, cut)) return Number(id.slice(cut + 1)) < this.s.counted(slotAt(known.slot) + E.SEEN);
    return this.seen.has(id);
  }

  /** The link broke before the endpoint was closed: its thread is gone, at whatever it was. */
  private lose(known: Known): void {
    if (this.disposed !== undefined) return;
    // Also if it was closed: until it heard of that, it looked for what is there.
    recover(this.s, holderOf(known.owner));
    this.access.run(() => {
      // Whoever was to be rung by it may not have been.
      ringAll(this.s);
      if (!this.isOpen(known)) return;
      const { returned, inHand } = this.end(known, 'maybe');
      this.emit('endpoint-lost', { queue: this.spec.name, id: known.id, role: known.role, worker: known.info.worker, returned, inHand });
    });
  }

  private end(known: Known, unknown: Use): { returned: number; inHand: number } {
    const { s } = this;
    if (!this.isOpen(known)) return { returned: 0, inHand: 0 };
    this.known.delete(known.slot);
    if (known.away && known.role === 'consumer') s.add(AWAY, -1);
    const seen = s.counted(slotAt(known.slot) + E.SEEN);
    if (seen > 0) this.seen.note(known.id, seen - 1);
    const error = unknown === 'maybe' ? lostWith(known) : undefined;
    const left = leave(s, known.slot, unknown, this.now(), (run, use) => {
      this.takeBack(known, run, use, error);
    });
    tend(s, this.now());
    this.left(known.role);
    this.bells.ring(s, HOST);
    return left;
  }

  /** One that was open is so no more. */
  left(role: Role): void {
    const { s } = this;
    if (role === 'consumer' && s.get(OPEN_CONSUMERS) === 0 && s.get(SIZE) > 0)
      this.emit('no-consumer', { queue: this.spec.name, items: s.get(SIZE) });
  }

  openSlot(role: Role, by: number): void {
    this.access.run(() => {
      countOpen(this.s, role, by);
      tend(this.s, this.now());
      if (by < 0) this.left(role);
    });
  }

  // --- items --------------------------------------------------------------------------------------------------------

  private takeBack(known: Known, run: number, use: Use, error: unknown): void {
    const { s } = this;
    const { slot } = known;
    if (error !== undefined) for (let i = 0; i < lengthOf(s, run); i++) this.note((placeOf(s, run) + i) | 0, error);
    if (this.isAway(known, run)) {
      // It cannot be delivered again, begun or not.
      s.count(outdatedOf(s, run) > 0 ? CLEARED : DROPPED, lengthOf(s, run));
      end(s, slot, run);
      return;
    }
    const dead = takeBack(s, slot, run, use, this.spec.maxDeliveries === Infinity ? -1 : this.spec.maxDeliveries);
    if (dead !== 0) this.bury(slot, dead, s.get(dead + R.BEGUN));
  }

  /** Whether its value was moved to who had it, and has not come back. Such an item is a block of its own. */
  private isAway(known: Known, run: number): boolean {
    const { s } = this;
    const block = s.get(run + R.BLOCK);
    return s.get(block + B.BYTES) === 0 && this.kept.isWith(s.get(block + B.KEY), s.get(run + R.FROM), known);
  }

  private nack(known: Known, part: number, index: number, begun: boolean, error: unknown): void {
    const { s } = this;
    const { slot } = known;
    this.access.run(() => {
      if (!this.isOpen(known)) return;
      s.add(slotAt(slot) + E.NACKS, 1);
      s.ring(slot);
      const run = findInHand(s, slot, part, index);
      if (run !== 0) this.takeBack(known, run, begun ? 'begun' : 'unbegun', error);
      s.commit();
      tend(s, this.now());
    });
  }

  private reject(known: Known, part: number, index: number, error: unknown): void {
    const { s } = this;
    const { slot } = known;
    this.access.run(() => {
      if (!this.isOpen(known)) return;
      const run = findInHand(s, slot, part, index);
      if (run === 0) return;
      s.ring(slot);
      const away = this.isAway(known, run);
      if (outdatedOf(s, run) > 0 || away) {
        s.count(away ? DROPPED : CLEARED, 1);
        end(s, slot, run);
      } else {
        if (error !== undefined) this.note(placeOf(s, run), error);
        this.bury(slot, run, s.get(run + R.BEGUN) + 1);
      }
      s.commit();
      tend(s, this.now());
    });
  }

  private note(place: number, error: unknown): void {
    this.reasons.set(place, error);
    if (this.reasons.size <= REASONS) return;
    const [oldest] = this.reasons.keys();
    if (oldest !== undefined) this.reasons.delete(oldest);
  }

  /** A run's items are given up. */
  private bury(slot: number, run: number, attempts: number): void {
    const { s } = this;
    const block = s.get(run + R.BLOCK);
    const first = placeOf(s, run);
    const from = s.get(run + R.FROM);
    const count = lengthOf(s, run);
    for (let i = 0; i < count; i++) {
      const { value, extra } = this.valueAt(block, from + i);
      const place = (first + i) | 0;
      const error = this.reasons.get(place);
      this.reasons.delete(place);
      const rich = extra?.rich?.includes(0) === true;
      const letter = this.letters.add({
        value: rich ? unpackErrors(value as Packed) : value,
        attempts,
        error,
        at: this.runtime.now(),
        headers: extra?.headers?.[0]?.[1],
      });
      this.dead++;
      this.emit('dead-letter', { queue: this.spec.name, id: letter.id, attempts, error, value: letter.value });
      this.letters.trim();
    }
    end(s, slot, run);
    // Who hears of the last one can put it back before the queue ends.
    s.add(HOLDS, 1);
    this.told.push(() => {
      this.access.run(() => {
        s.add(HOLDS, -1);
        tend(s, this.now());
      });
    });
  }

  private valueAt(block: number, index: number): { value: unknown; extra: BlockExtra | undefined } {
    const { s } = this;
    const bytes = s.get(block + B.BYTES);
    if (bytes === 0) return this.kept.peek(s.get(block + B.KEY), index);
    const at = s.get(block + B.AT) * 4;
    const { values, extra } = unpackBlock(s.bytes.slice(at, at + bytes), index, index + 1);
    return { value: values[0], extra };
  }

  // --- looking ------------------------------------------------------------------------------------------------------

  look(): void {
    if (this.disposed !== undefined) return;
    const { s } = this;
    this.access.run(() => {
      for (let block = s.get(FREED); block !== 0; block = s.get(FREED)) {
        this.kept.forget(s.get(block + B.KEY));
        s.set(FREED, s.get(block + B.NEXT));
        forgetBlock(s, block);
        s.commit();
      }
      this.onLook();
    });
  }

  /** Grows with all that happens in shared memory; NaN while somebody was rung and has not looked. */
  activity(): number {
    const { words } = this.s;
    let sum = Atomics.load(words, STEPS);
    const count = (slot: number): void => {
      const rung = Atomics.load(words, bellOf(slot));
      sum += rung === Atomics.load(words, heardOf(slot)) ? 0 : NaN;
    };
    count(HOST);
    for (const { slot } of this.known.values()) count(slot);
    return sum;
  }

  dispose(error: MillraceError): void {
    if (this.disposed !== undefined) return;
    this.disposed = error;
    this.listening.end();
    for (const { link } of this.known.values()) {
      link.post([TO_ENDPOINT.GONE, error.code, error.message]);
      link.close();
    }
    this.known.clear();
  }
}

function lostWith({ id, info }: Known): MillraceError {
  const worker = info.worker === undefined ? '' : ` of worker ${info.worker}`;
  return new MillraceError('ENDPOINT_LOST', `Endpoint ${id}${worker} was lost with the item in hand, or on its way there.`, {
    endpoint: id,
    worker: info.worker,
  });
}
