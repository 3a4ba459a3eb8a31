import { MillraceError, type QueueHealth, type Runtime } from '@millrace/core';
import type { Argument, Connection, Reply } from '../connection/index.js';
import { MISSED, TURN } from '../home/scripts.js';
import { monotonic } from '../lease/clock.js';
import { ASK, type Frame, type FrameHead, frameOf, isHead, type Message, packMessages, readHead } from './wire.js';

/**
 * Turns that are sent before the first of them is answered: one that the server works on, and one on its way. What comes up
 * meanwhile goes together in the next: a turn costs the server about as much as a hundred items.
 */
const MOST_UNDER_WAY = 2;
/** About how many bytes go in one turn. */
const TURN_BYTES = 1024 * 1024;

/** How long a turn may be without an answer, in ms, before its connection is taken for dead. */
const SILENCE = 3000;
/** How long items wait before a server without memory is asked again, in ms. */
const STARVED = 300;
/** Of so many turns it is known how many items they put. */
const COUNTED = 1024;

/** What a turn's answer says of the queue. */
interface Seen {
  readonly at: number;
  readonly depth: number;
  readonly inHand: number;
  readonly taken: number;
  readonly settled: number;
}

interface Turn {
  readonly number: number;
  readonly messages: Uint8Array;
  readonly bodies: readonly Uint8Array[];
  /** What it was made of. */
  readonly entries: readonly Entry[];
  sent: number;
}

/** A message for the next turn, made once it is known by what numbers its bytes go. */
interface Entry {
  readonly message: (firstBody: number) => Message;
  readonly bodies: readonly Uint8Array[];
}

/** How a session goes on after its lease ran out, or the server lost what it knew. */
export interface Return {
  readonly token: number;
  /** The last turn that is known. */
  readonly known: number;
  /** Its endpoints are lost, and are to be opened again. */
  readonly lapsed: boolean;
  /** The server has forgotten it: nothing that was not answered yet will be. */
  readonly forgotten: boolean;
  /** To be called when all that belongs to it knows. */
  readonly tell: () => void;
}

/** Why a session is to join again: its lease ran out, the server knows less than it had confirmed, or keys are missing. */
export type Absence = 'lease' | 'data' | 'keys';

export interface SessionEvents {
  /** A message to an endpoint, or (empty id) to the session. */
  /** `next` is what comes right behind it. */
  receive(message: Message, frame: Frame, next: Message | undefined): void;
  /** The session is over, and not because it left. */
  lost(error: MillraceError): void;
  /** What of a plain list is to be watched, and how many items there are. */
  watch(state: number, depth: number): void;
  /** Its lease was renewed, by what it sent at this moment of the process's monotonic clock, in ms. */
  renewed(at: number): void;
  /** Joins the queue again, or says why not. `items` are known to be lost, which were put and confirmed. */
  comeBack(reason: Absence, items: number | undefined): Promise<Return | MillraceError>;
  /** Posts what opens its endpoints again. */
  reopen(): void;
  /** Tells its endpoints that they begin afresh. */
  renew(forgotten: boolean): void;
}

export interface SessionOptions {
  readonly connection: Connection;
  readonly runtime: Runtime;
  /** The queue's hash of scalars: all its keys begin with it. */
  readonly key: string;
  readonly queue: string;
  readonly id: string;
  /** What tests give for the server's time, in ms. */
  readonly time?: (() => number) | undefined;
}

/**
 * A two-way stream of messages between this process and a queue's home, which survives the connection: turns are numbered,
 * sent again when they were not answered, and applied once; frames that come back are numbered too, put in order here, and
 * fetched again where some are missing.
 */
export class Session {
  readonly id: string;
  /** How things stood at the last turn. */
  private seen: Seen = { at: 0, depth: 0, inHand: 0, taken: -1, settled: -1 };
  private readonly connection: Connection;
  private readonly runtime: Runtime;
  private readonly key: string;
  private readonly queue: string;
  private readonly time: (() => number) | undefined;
  private readonly events: SessionEvents;
  private token: number | undefined;
  private pending: Entry[] = [];
  private pendingBytes = 0;
  private flushing = false;
  private waits = false;
  private readonly turns: Turn[] = [];
  private lastTurn = 0;
  private underWay = 0;
  private received = 0;
  private readonly early = new Map<number, Frame>();
  /** Of a frame that is being published: its head, and what of it has come. */
  private head: FrameHead | undefined;
  private heard: Buffer[] = [];
  private fetching: Promise<boolean> | undefined;
  /** The last turn whose answer has come. */
  private confirmed = 0;
  /** How many items had been put, by turn: those of late. */
  private counted: { turn: number; items: number }[] = [];
  private counts = 0;
  /** It is to join again as soon as no turn is under way, for this reason, and does so. */
  private away: Absence | undefined;
  private returning = false;
  /** How often it has come back: what its endpoints say of an earlier time counts no more. */
  renewals = 0;
  /** Messages that wait until the server has memory for them. */
  private held: Entry[] = [];
  private starved = false;
  private relief: NodeJS.Timeout | undefined;
  /** Since when turns have been without an answer, in ms on the process's own clock. */
  private waitingSince = 0;
  /** Turns are to be sent again as soon as none is under way. */
  private again = false;
  private over: MillraceError | undefined;
  private leaving = false;
  private idleWaits: (() => void)[] = [];
  /** How often it found something to do for its queue that an earlier turn should have done. */
  stirred = 0;
  /** Counts whatever happens, for those who want to know whether anything did. */
  activity = 0;

  constructor({ connection, runtime, key, queue, id, time }: SessionOptions, events: SessionEvents) {
    this.connection = connection;
    this.runtime = runtime;
    this.key = key;
    this.queue = queue;
    this.id = id;
    this.time = time;
    this.events = events;
  }

  /** It has joined, and may speak. */
  open(token: number): void {
    this.token = token;
    this.flush();
  }

  /**
   * Sends a message with the next turn. Bytes that it names follow, and are named by their number from the turn's first. One
   * that can wait goes when the event loop's turn is over: what is begun in it is often done in it, and both go together.
   */
  post(message: (firstBody: number) => Message, bodies: readonly Uint8Array[] = [], canWait = false): void {
    if (this.over !== undefined || this.leaving) return;
    this.activity++;
    this.pending.push({ message, bodies });
    for (const body of bodies) this.pendingBytes += body.length;
    if (this.flushing) return;
    if (canWait) {
      if (this.waits) return;
      this.waits = true;
      setImmediate(() => {
        this.waits = false;
        this.flush();
      });
      return;
    }
    this.flushing = true;
    void Promise.resolve().then(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.token === undefined || this.away !== undefined || this.again) return;
    this.holdBack();
    while (this.over === undefined && this.pending.length > 0 && this.underWay < MOST_UNDER_WAY) this.cutTurn();
  }

  private cutTurn(): void {
    const messages: Message[] = [];
    const bodies: Uint8Array[] = [];
    let bytes = 0;
    let count = 0;
    for (const { message, bodies: own } of this.pending) {
      if (count > 0 && bytes > TURN_BYTES) break;
      const made = message(bodies.length);
      messages.push(made);
      if (isPut(made)) this.counts += made[made[1] === BLOCK ? 2 : 3] as number;
      for (const body of own) {
        bodies.push(body);
        bytes += body.length;
      }
      count++;
    }
    const entries = count === this.pending.length ? this.pending : this.pending.slice(0, count);
    this.pending = count === this.pending.length ? [] : this.pending.slice(count);
    this.pendingBytes -= bytes;
    const turn: Turn = { number: ++this.lastTurn, messages: packMessages(messages), bodies, entries, sent: 0 };
    this.counted.push({ turn: turn.number, items: this.counts });
    if (this.counted.length > 2 * COUNTED) this.counted = this.counted.slice(COUNTED);
    this.turns.push(turn);
    this.send(turn);
  }

  private send(turn: Turn): void {
    turn.sent++;
    const at = monotonic();
    if (this.underWay++ === 0) this.waitingSince = performance.now();
    this.run(turn.number, turn.messages, turn.bodies).then(
      (reply) => {
        this.underWay--;
        this.answered(turn, reply, at);
      },
      (error: unknown) => {
        this.underWay--;
        this.failed(error);
      },
    );
  }

  private run(number: number, messages: Uint8Array, bodies: readonly Uint8Array[]): Promise<Reply> {
    const args: Argument[] = [
      this.id,
      String(this.token),
      String(number),
      String(this.received),
      this.connection.publish,
      this.time === undefined ? '' : String(this.time()),
      String(this.confirmed),
      messages,
      ...bodies,
    ];
    return this.connection.run(TURN, [this.key], args);
  }

  private answered(turn: Turn, reply: Reply, at: number): void {
    this.activity++;
    this.waitingSince = performance.now();
    const [status, known, out, frame] = reply as [number, number, number, readonly Buffer[] | null];
    if (status === 2) {
      // Turns before it did not arrive: all that are not known go again, in order.
      while (this.turns[0] !== undefined && this.turns[0].number <= known) this.turns.shift();
      this.again = true;
    } else if (status === 0) {
      const place = this.turns.indexOf(turn);
      if (place >= 0) this.turns.splice(place, 1);
      this.confirmed = Math.max(this.confirmed, turn.number);
      this.events.renewed(at);
      this.note(reply);
      if (frame !== null) this.take(frame);
      // It was sent twice, and the answer to the first time is lost.
      if (turn.sent > 1 && out > this.received) this.fetchSoon();
      this.flush();
    } else this.lapse(status, known);
    this.settled();
  }

  private note(reply: Reply): void {
    const [, , , , depth, inHand, taken, settled] = reply as number[];
    this.seen = { at: this.runtime.now(), depth: depth ?? 0, inHand: inHand ?? 0, taken: taken ?? -1, settled: settled ?? -1 };
    this.events.watch((reply as number[])[9] ?? 0, depth ?? 0);
  }

  /** As of the last turn; times in ms before now. */
  health(): QueueHealth {
    const { at, depth, inHand, taken, settled } = this.seen;
    const since = this.runtime.now() - at;
    const ago = (ms: number): number | undefined => (ms < 0 ? undefined : ms + since);
    return { queue: this.queue, depth, inHand, lastTaken: ago(taken), lastSettled: ago(settled) };
  }

  private failed(error: unknown): void {
    this.activity++;
    if (isPassing(error)) this.again = true;
    else if (codeOf(error) === 'DATA_LOST') this.lapse(KEYS_MISSING);
    else if (codeOf(error) === 'SERVER_OUT_OF_MEMORY') this.again = this.starved = true;
    else this.fail(error instanceof MillraceError ? error : new MillraceError('ENDPOINT_LOST', String(error), { queue: this.queue }, error));
    this.settled();
  }

  /** A turn has its answer, or its failure. Those behind one that failed have failed too: with the last, all go again. */
  private settled(): void {
    if (this.underWay > 0 || this.over !== undefined) {
      this.checkIdle();
      return;
    }
    if (this.starved) this.makeDo();
    if (this.away !== undefined) {
      this.again = false;
      void this.comeBack();
    } else if (this.again) {
      this.again = false;
      for (const turn of this.turns) this.send(turn);
      this.fetchSoon();
      this.flush();
    }
    this.checkIdle();
  }

  // --- coming back ------------------------------------------------------------------------------------------------

  /** Its queue knows it no more. */
  private lapse(status: number, known?: number): void {
    if (this.leaving) this.fail(new MillraceError('ENDPOINT_LOST', `The lease on queue "${this.queue}" ran out before this process had left.`, { queue: this.queue }));
    if (this.over !== undefined || (this.away ?? 'lease') !== 'lease') return;
    this.away = status === 1 ? 'lease' : status === KEYS_MISSING ? 'keys' : 'data';
    this.knownAfterLoss = status === 4 ? known : undefined;
  }

  private knownAfterLoss: number | undefined;

  private async comeBack(): Promise<void> {
    if (this.returning || this.away === undefined) return;
    this.returning = true;
    try {
      const { knownAfterLoss, away } = this;
      const back = await this.events.comeBack(away, away === 'data' ? this.lostSince(knownAfterLoss) : undefined);
      if (this.isOver()) return;
      if (back instanceof MillraceError) {
        this.fail(back);
        return;
      }
      this.token = back.token;
      if (back.forgotten) {
        this.received = 0;
        this.early.clear();
        this.head = undefined;
      }
      this.renewals++;
      // What the home has applied is done; all else is said again, by turns of other numbers.
      const unknown = this.turns.filter(({ number }) => back.forgotten || number > back.known).flatMap(({ entries }) => entries);
      this.turns.length = 0;
      this.pending.unshift(...unknown);
      this.lastTurn = this.confirmed = back.known;
      this.counted = [];
      if (back.lapsed) {
        // Answers that it had not got, first: an endpoint that has closed must not be opened again.
        if (!(await this.fetchAll())) return;
        const rest = [...this.held.splice(0), ...this.pending];
        this.pending = [];
        this.events.reopen();
        this.pending.push(...rest);
        this.events.renew(back.forgotten);
      }
      this.away = undefined;
      this.knownAfterLoss = undefined;
      back.tell();
    } catch (error) {
      if (codeOf(error) !== 'TRANSPORT_CLOSED') this.failed(error);
    } finally {
      this.returning = false;
      if (!this.isOver()) this.goOn();
    }
  }

  private goOn(): void {
    // It was lost once more meanwhile.
    if (this.away !== undefined) this.settled();
    else {
      this.fetchSoon();
      this.flush();
      this.checkIdle();
    }
  }

  private isOver(): boolean {
    return this.over !== undefined;
  }

  /** False if it is lost once more. */
  private async fetchAll(): Promise<boolean> {
    for (;;) {
      try {
        await this.fetching;
        return await this.fetch();
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
  }

  /** How many items were put and confirmed by turns after this one, where that is known. */
  private lostSince(known: number | undefined): number | undefined {
    if (known === undefined) return undefined;
    const then = known === 0 ? 0 : this.counted.find(({ turn }) => turn === known)?.items;
    const now = this.counted.find(({ turn }) => turn === this.confirmed)?.items;
    return then === undefined || now === undefined ? undefined : now - then;
  }

  /** The server has no memory for items: they wait, with whatever their endpoints said after them, and the rest goes on. */
  private makeDo(): void {
    this.starved = false;
    this.relief ??= setTimeout(() => {
      this.relief = undefined;
      this.pending.unshift(...this.held.splice(0));
      this.flush();
    }, STARVED);
    // Of a turn that was sent twice a copy may be under way still: with another token it is void.
    if (this.turns.some(({ sent }) => sent > 1)) {
      this.away ??= 'lease';
      return;
    }
    const first = this.turns[0];
    if (first === undefined) return;
    this.again = false;
    this.pending = [...this.turns.flatMap(({ entries }) => entries), ...this.pending];
    this.turns.length = 0;
    this.lastTurn = first.number - 1;
    this.counted = this.counted.filter(({ turn }) => turn < first.number);
    this.counts = this.counted.at(-1)?.items ?? 0;
    this.holdBack(true);
    this.flush();
  }

  /** Puts aside what must not overtake what waits already. */
  private holdBack(puts = false): void {
    if (this.held.length === 0 && !puts) return;
    const waits = new Set(this.held.map(({ message }) => endpointOf(message(0))));
    const go: Entry[] = [];
    for (const entry of this.pending) {
      const made = entry.message(0);
      const of = endpointOf(made);
      if (puts && isPut(made)) waits.add(of);
      (of !== '' && waits.has(of) ? this.held : go).push(entry);
    }
    this.pending = go;
  }

  /** Ends it: everything that waits fails with this. */
  fail(error: MillraceError): void {
    if (this.over !== undefined) return;
    this.over = error;
    this.pending = [];
    this.held = [];
    clearTimeout(this.relief);
    this.turns.length = 0;
    this.checkIdle();
    this.events.lost(error);
  }

  // --- frames -----------------------------------------------------------------------------------------------------

  /**
   * A part of a frame was published. Those of one frame come one behind the other, or, where the connection broke between them,
   * not at all: then the whole frame is fetched as others that were missed.
   */
  hear(part: Buffer): void {
    if (isHead(part)) {
      this.head = readHead(part);
      this.heard = [];
    } else if (this.head === undefined) return;
    else this.heard.push(part);
    if (this.head.follow > this.heard.length) return;
    const frame = frameOf(this.head, this.heard);
    this.head = undefined;
    this.deliver(frame);
  }

  /** A frame has come as a whole. */
  private take([head, ...parts]: readonly Buffer[]): void {
    if (head !== undefined) this.deliver(frameOf(readHead(head), parts));
  }

  private deliver(first: Frame): void {
    if (this.over !== undefined) return;
    this.activity++;
    let frame: Frame | undefined = first;
    if (frame.number > this.received + 1) {
      this.early.set(frame.number, frame);
      return;
    }
    if (frame.number <= this.received) return;
    while (frame !== undefined) {
      this.received = frame.number;
      for (const [i, message] of frame.messages.entries()) this.events.receive(message, frame, frame.messages[i + 1]);
      frame = this.early.get(this.received + 1);
      this.early.delete(this.received + 1);
    }
  }

  /** Sockets may be dead though they look open: whoever does not answer for long is called again, on new ones. */
  watch(): void {
    const since = Math.min(this.asked ?? Infinity, this.underWay > 0 ? this.waitingSince : Infinity);
    if (performance.now() - since < SILENCE) return;
    this.asked = undefined;
    this.waitingSince = performance.now();
    this.connection.reset();
  }

  /** Since when `tend` waits for its answer. */
  private asked: number | undefined;

  /** Keeps the lease, ends those that ran out, and fetches what was missed. */
  async tend(): Promise<void> {
    if (this.token === undefined || this.over !== undefined) return;
    if (this.away !== undefined) return;
    const { token } = this;
    const at = monotonic();
    this.asked ??= performance.now();
    const reply = (await this.run(0, NOTHING, [])
      .catch((error: unknown) => {
        if (codeOf(error) !== 'DATA_LOST') throw error;
        return [KEYS_MISSING];
      })
      .finally(() => {
        this.asked = undefined;
      })) as [number, number, number, readonly Buffer[] | null, number, number];
    if (this.token !== token || this.isOver()) return;
    if (reply[0] !== 0 && reply[0] !== 2) {
      if (!this.leaving) this.lapse(reply[0], reply[1]);
      this.settled();
      return;
    }
    this.events.renewed(at);
    this.note(reply);
    if ((reply as unknown as number[])[8] === 1) this.stirred++;
    if (reply[3] !== null && reply[0] === 0) this.take(reply[3]);
    if (reply[2] > this.received) await this.fetch();
  }

  private fetchSoon(): void {
    this.fetch().catch((error: unknown) => {
      if (!isPassing(error)) this.failed(error);
    });
  }

  /** Fetches what was missed. */
  fetch(): Promise<boolean> {
    this.fetching ??= this.fetchOnce().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  /** False if what it fetches for is known no more. */
  private async fetchOnce(): Promise<boolean> {
    if (this.token === undefined || this.over !== undefined) return false;
    const { token } = this;
    const reply = await this.connection.run(MISSED, [this.key], [this.id, String(this.token), String(this.received)]);
    if (this.token !== token) return false;
    const [status, frames] = reply as [number, (readonly Buffer[])[]];
    if (status === 0) for (const frame of frames) this.take(frame);
    else if (status === 4) {
      this.lapse(status);
      this.settled();
    }
    return status === 0;
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  /** Says its last message, and resolves when it has arrived. */
  async leave(message: Message): Promise<void> {
    if (this.over !== undefined || this.leaving) return;
    this.post(() => message);
    this.leaving = true;
    await this.idle();
  }

  /** Resolves when everything that was said has been answered. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.idleWaits.push(resolve);
    });
  }

  /** Resolves when every turn that was sent has been answered. */
  async sent(): Promise<void> {
    while (this.underWay > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  get isIdle(): boolean {
    return this.over !== undefined || (this.token !== undefined && this.away === undefined && this.pending.length + this.held.length + this.turns.length === 0);
  }

  private checkIdle(): void {
    if (!this.isIdle) return;
    for (const done of this.idleWaits.splice(0)) done();
  }
}

const NOTHING = packMessages([]);

/** What a turn answers, or a script that has failed for that. */
const KEYS_MISSING = 5;

/** What endpoints put: kinds of the ports' messages. */
const BLOCK = 1;
const QUESTION = 5;

function isPut(message: Message): boolean {
  return message[0] !== '' && (message[1] === BLOCK || message[1] === QUESTION);
}

/** Whose messages have to stay in order. */
function endpointOf(message: Message): string {
  return (message[1] === ASK.DETACH ? message[3] : message[0]) as string;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}

function isPassing(error: unknown): boolean {
  return codeOf(error) === 'CONNECTION_LOST';
}
