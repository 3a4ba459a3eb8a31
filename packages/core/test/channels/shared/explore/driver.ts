import type { Link, Message, Shared, Words, World } from './shared.ts';

/**
 * What runs on the simulated threads: endpoints that put and take over the channel's own link. It is transformed like the
 * channel itself.
 */

/** An endpoint's link to its host: messages, in order. */
class HostLink implements Link {
  private readonly world: World;
  private readonly slot: number;
  private listener: ((message: Message) => void) | undefined;

  constructor(world: World, slot: number) {
    this.world = world;
    this.slot = slot;
  }

  post(message: Message): void {
    this.world.toHost(this.slot, message);
  }

  receive(onMessage: (message: Message) => void): void {
    this.listener = onMessage;
  }

  hear(message: Message): void {
    this.listener?.(message);
  }

  close(): void {
    this.listener = undefined;
  }
}

export interface PutterOptions {
  readonly items: readonly number[];
  /** How many it asks room for at once. */
  readonly wave: number;
  /** Stays open until it is told to close. */
  readonly lingers?: boolean;
  /** It looks for room itself before it asks for some. */
  readonly claims?: boolean;
}

export class Putter {
  readonly slot: number;
  closed = false;
  next = 0;
  private readonly shared: Shared;
  private readonly world: World;
  private readonly options: PutterOptions;
  private readonly toHost: HostLink;
  readonly link: Link;
  private credits = 0;
  private wanted = 0;
  private epoch = 0;
  private closing = false;

  constructor(shared: Shared, s: Words, slot: number, world: World, options: PutterOptions) {
    this.shared = shared;
    this.slot = slot;
    this.world = world;
    this.options = options;
    this.toHost = new HostLink(world, slot);
    this.link = new shared.SharedLink(s, { role: 'producer', slot, owner: slot + 1, sync: 0, patience: 0, now: undefined }, this.toHost, world.runtime, shared.sharedBells);
  }

  hear(message: Message): void {
    this.toHost.hear(message);
  }

  start(): void {
    this.link.receive?.(
      (message) => {
        this.receive(message);
      },
      () => undefined,
    );
  }

  begin(): void {
    this.want();
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.link.post([this.shared.TO_HOME.CLOSE, 1]);
  }

  get done(): boolean {
    return this.next === this.options.items.length;
  }

  private want(): void {
    const { items, wave, lingers, claims } = this.options;
    const n = Math.min(wave, items.length - this.next);
    const room = n > 0 && claims === true ? (this.link.claim?.(this.next > 0) ?? 0) : 0;
    if (room > 0) {
      this.credits += room;
      this.put();
      this.want();
    } else if (n > 0) {
      this.wanted += n;
      this.link.post([this.shared.TO_HOME.WANT, n]);
    } else if (lingers !== true) this.close();
  }

  private receive(message: Message): void {
    const { TO_ENDPOINT, TO_HOME } = this.shared;
    switch (message[0]) {
      case TO_ENDPOINT.CREDIT:
        this.credits += message[1] as number;
        this.wanted -= message[2] as number;
        this.put();
        if (this.wanted === 0) this.want();
        return;
      case TO_ENDPOINT.RECALL:
        this.link.post([TO_HOME.RETURN, this.credits]);
        this.credits = 0;
        return;
      case TO_ENDPOINT.SYNC:
        this.epoch = message[2] as number;
        this.link.post([TO_HOME.SYNCED, message[1], message[2]]);
        return;
      case TO_ENDPOINT.CLOSED:
        this.closed = true;
    }
  }

  private put(): void {
    const { items } = this.options;
    while (this.credits > 0 && this.next < items.length) {
      const n = Math.min(this.credits, items.length - this.next);
      const values = items.slice(this.next, this.next + n);
      for (const item of values) this.world.starts(item, this.epoch);
      this.credits -= n;
      const sequence = this.next;
      this.next += n;
      this.link.post([this.shared.TO_HOME.BLOCK, 0, n, this.epoch, sequence, values, undefined]);
    }
  }
}

export interface TakerOptions {
  /** How many items it asks for ahead. */
  readonly ahead: number;
  /** It acks in a later turn, and fetches meanwhile. */
  readonly slow?: boolean;
  /** The first delivery of every item fails. */
  readonly fails?: boolean;
}

interface Got {
  readonly part: number;
  readonly index: number;
  readonly item: number;
  readonly attempt: number;
}

export class Taker {
  readonly slot: number;
  closed = false;
  private readonly shared: Shared;
  private readonly world: World;
  private readonly options: TakerOptions;
  private readonly toHost: HostLink;
  readonly link: Link;
  private fetched: Got[] = [];
  private hand: Got | undefined;
  private received = 0;
  /** Items to ask for again. */
  private more: number;
  private nacks = 0;
  private end: { readonly changes: number; readonly alone: boolean } | undefined;
  private closing = false;

  constructor(shared: Shared, s: Words, slot: number, world: World, options: TakerOptions) {
    this.shared = shared;
    this.slot = slot;
    this.world = world;
    this.options = options;
    this.more = options.ahead;
    this.toHost = new HostLink(world, slot);
    this.link = new shared.SharedLink(s, { role: 'consumer', slot, owner: slot + 1, sync: 0, patience: 0, now: undefined }, this.toHost, world.runtime, shared.sharedBells);
  }

  hear(message: Message): void {
    this.toHost.hear(message);
  }

  start(): void {
    this.link.receive?.(
      (message) => {
        this.receive(message);
      },
      () => undefined,
    );
  }

  begin(): void {
    this.report([], []);
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.link.post([this.shared.TO_HOME.CLOSE, 1]);
  }

  private report(begun: number[], acked: number[]): void {
    const waits = this.hand === undefined && this.fetched.length === 0 ? 1 : 0;
    const { more } = this;
    this.more = 0;
    this.link.post([this.shared.TO_HOME.REPORT, begun, acked, more, waits, this.received]);
  }

  private receive(message: Message): void {
    const { TO_ENDPOINT, TO_HOME } = this.shared;
    switch (message[0]) {
      case TO_ENDPOINT.ITEMS:
        this.arrived(message);
        this.work();
        return;
      case TO_ENDPOINT.RECALL: {
        const ranges = this.fetched.flatMap(({ part, index }) => [part, index, index + 1]);
        this.more += this.fetched.length;
        this.fetched = [];
        this.link.post([TO_HOME.GIVE_BACK, ranges, []]);
        this.report([], []);
        return;
      }
      case TO_ENDPOINT.SYNC:
        this.more += this.fetched.length;
        this.fetched = [];
        this.link.post([TO_HOME.SYNCED, message[1], message[2]]);
        this.report([], []);
        return;
      case TO_ENDPOINT.DRAINED:
        this.end = { changes: message[1] as number, alone: message[2] as boolean };
        this.checkEnd();
        return;
      case TO_ENDPOINT.CLOSED:
        this.closed = true;
    }
  }

  private arrived(message: Message): void {
    const id = message[4] as number;
    const values = message[5] as number[];
    const { attempts } = message[6] as { attempts?: readonly (readonly [number, number])[] };
    this.received = id;
    this.end = undefined;
    for (const [index, item] of values.entries()) this.fetched.push({ part: id, index, item, attempt: attempts?.[index]?.[1] ?? 1 });
  }

  private work(): void {
    while (this.hand === undefined) {
      const got = this.fetched.shift();
      if (got === undefined) return;
      const { part, index, item, attempt } = got;
      this.world.shown(this.slot, item, attempt);
      this.more++;
      const fails = this.options.fails === true && attempt === 1;
      if (this.options.slow !== true && !fails) {
        this.world.acks(item);
        this.report([part, index + 1], [part, index, index + 1]);
        continue;
      }
      this.hand = got;
      this.report([part, index + 1], []);
      this.world.later(this.slot, () => {
        this.settle(got, fails);
      });
    }
  }

  private settle(got: Got, fails: boolean): void {
    const { part, index, item } = got;
    this.hand = undefined;
    if (fails) {
      this.nacks++;
      this.world.gives(item);
      this.link.post([this.shared.TO_HOME.NACK, part, index, true, undefined]);
      this.report([], []);
    } else {
      this.world.acks(item);
      this.report([], [part, index, index + 1]);
    }
    this.work();
    this.checkEnd();
  }

  private checkEnd(): void {
    const { end } = this;
    if (end?.alone === true && end.changes === this.nacks && this.hand === undefined && this.fetched.length === 0) this.close();
  }
}
