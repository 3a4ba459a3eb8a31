import {
  type Blocker,
  type ConsumerBackend,
  type DeadLetterBackend,
  type EndpointInfo,
  type ErrorCode,
  type GateBackend,
  hasCode,
  MillraceError,
  type ProducerBackend,
  type QueueBackend,
  type QueueEvents,
  type QueueSpec,
  type QueueStats,
  type Runtime,
  type SlotBackend,
} from '@millrace/core';
import { Events, queueClosed, reviveEndpoint, type ValueForm } from '@millrace/core/channels';
import type { Connection, Reply, Subscription } from '../connection/index.js';
import { JOIN, LAYOUT } from '../home/scripts.js';
import { EndpointLink } from '../session/endpoint-link.js';
import { type Absence, type Return, Session } from '../session/session.js';
import type { Keeper, Keeping } from '../lease/keeper.js';
import { describeList, type PlainList } from '../lists/list.js';
import { ListWatch } from '../lists/watch.js';
import { ASK, type Frame, type Message, TOLD } from '../session/wire.js';
import { readLetter, RedisDeadLetters } from './dead-letters.js';
import { otherLayout } from './layout.js';
import { blockersFrom, statsFrom } from './looking.js';
import { unique } from './names.js';
import { Given } from './given.js';
import { forget, note } from './orphans.js';
import { Requests } from './requests.js';

type Role = 'producer' | 'consumer';

export interface RedisQueueOptions {
  readonly connection: Connection;
  readonly runtime: Runtime;
  readonly spec: QueueSpec;
  /** What keys of all queues begin with. */
  readonly prefix?: string | undefined;
  /** The queue's hash of scalars. */
  readonly key: string;
  /** Where its items wait, if that is a plain list. */
  readonly list?: PlainList | undefined;
  readonly form: ValueForm;
  /** Reads the bytes that `form.packReason` made. */
  readonly readReason: (bytes: Uint8Array) => unknown;
  /** For the queue's options: values of another codec could not be read. */
  readonly codec: string;
  /** How long this process may be silent before others go on with what it has, in ms. */
  readonly lease: number;
  /** What to do when the server has lost what it had confirmed. */
  readonly onDataLoss?: 'continue' | 'stop' | undefined;
  /** Renews leases while this thread is busy. */
  readonly keeper?: Keeper | undefined;
  readonly time?: (() => number) | undefined;
  /** Not to be made where it is not there. */
  readonly existing?: boolean | undefined;
}

/** What an endpoint is told by where it stands now: how it is found again after it was handed on. */
export interface Travelling {
  readonly role: Role;
  readonly body: Record<string, unknown>;
}

interface Opened {
  readonly link: EndpointLink;
  readonly role: Role;
  /** Unknown of what another process opened. */
  readonly info: EndpointInfo | undefined;
}

/** However long the lease, so often it is looked whether something was missed, in ms: that bounds how long a silence lasts. */
const TEND_MOST = 2000;

/** How long the word that a queue was given up may be under way, in ms, when its keys are seen to be gone before. */
const LAST_WORD = 100;

/** A queue whose home is in Redis, as seen from this process. */
export class RedisQueue implements QueueBackend {
  readonly deadLetters: DeadLetterBackend;
  readonly gate: GateBackend | undefined;
  readonly session: Session;
  readonly key: string;
  readonly spec: QueueSpec;
  readonly list: PlainList | undefined;
  private readonly options: RedisQueueOptions;
  private readonly events = new Events<QueueEvents>();
  private readonly links = new Map<string, Opened>();
  private readonly slots = new Map<string, { readonly role: Role; readonly info: EndpointInfo }>();
  /** Which making of the queue it takes part in: one that was deleted and made again is another. */
  private generation = '';
  private isUp = true;
  /** The queue is exclusive, and this process's: it ends with it. */
  private isOwner = false;
  private readonly requests: Requests;
  private readonly watch: ListWatch | undefined;
  /** What workers were given of it. */
  readonly given: Given;
  private subscription: Subscription | undefined;
  private kept: Keeping | undefined;
  private tending: NodeJS.Timeout | undefined;
  private ids = 0;
  private closed = false;
  private isEnded = false;
  private endWaits: (() => void)[] = [];
  private over: MillraceError | undefined;
  private readonly unlisten: () => void;
  /** Resolves once it has joined, or could not. */
  readonly joined: Promise<void>;

  constructor(options: RedisQueueOptions) {
    this.options = options;
    const { connection, runtime, spec, key, time, list } = options;
    this.spec = spec;
    this.list = list;
    this.key = key;
    this.session = new Session(
      { connection, runtime, key, queue: spec.name, id: unique(), time },
      {
        receive: (message, frame, next) => {
          this.receive(message, frame, next);
        },
        lost: (error) => {
          this.end(error);
        },
        watch: (state, depth) => {
          this.watch?.follow(state, depth);
        },
        renewed: (at) => {
          this.kept?.renewed(at);
        },
        comeBack: (reason, items) => this.comeBack(reason, items),
        reopen: () => {
          this.reopen();
        },
        renew: (forgotten) => {
          this.renew(forgotten);
        },
      },
    );
    this.requests = new Requests(this.session);
    this.given = new Given(this.session, this.requests);
    if (list !== undefined)
      this.watch = new ListWatch({
        connection,
        list,
        takes: () => [...this.links.values()].some(({ role }) => role === 'consumer'),
        tend: () => this.session.tend(),
      });
    this.deadLetters = new RedisDeadLetters(this.requests, options, () => this.over);
    this.gate = spec.gate ? this.makeGate() : undefined;
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.unlisten = connection.on((event) => {
      // What was published meanwhile is missed.
      this.isUp = event.type === 'up';
      if (this.isUp) this.fetch();
    });
    this.joined = this.join_().catch((error: unknown) => {
      this.session.fail(error instanceof MillraceError ? error : new MillraceError('QUEUE_CLOSED', String(error), {}, error));
    });
  }

  private async join_(): Promise<void> {
    const { connection, key } = this.options;
    const { id } = this.session;
    await connection.ready();
    this.subscription = await connection.subscribe(`${key}:to:${id}`, (payload) => {
      this.session.hear(payload);
    });
    const reply = await this.askToJoin('', '');
    if (reply[3] === 1) this.ended();
    // Also when it is over here by now: it has to say so there.
    this.generation = String(reply[5]);
    this.isOwner = reply[10] === 1;
    // By another clock than the server's it would look as if nobody had been heard of for years.
    if (this.spec.exclusive && this.isOwner && this.options.time === undefined) this.noted = this.keepAccount(note);
    this.enter(reply[1] as number);
    this.session.open(reply[1] as number);
    this.tendLater();
    const lost = reply[11] as number;
    if (lost >= 0) this.lost(lost);
  }

  /** Where the connection broke before the answer it is asked again: whoever has joined already is told the same. */
  private async askToJoin(generation: string, known: '' | 'forget' | 'keys missing'): Promise<readonly (number | Buffer)[]> {
    const { connection, key, spec, lease, codec, time, list, existing = false } = this.options;
    const limit = (value: number): string => (value === Infinity ? '-1' : String(value));
    const args = [
        connection.publish,
        existing ? '' : unique(),
        String(lease),
        generation,
        known === '' ? '' : known === 'forget' ? '1' : '2',
        ...['version', String(LAYOUT), 'name', spec.name, 'capacity', limit(spec.capacity), 'overflow', spec.overflow],
        ...['acknowledge', spec.acknowledge, 'gate', spec.gate ? '1' : '0', 'maxDeliveries', limit(spec.maxDeliveries)],
        ...['deadLetterCapacity', limit(spec.deadLetterCapacity), 'codec', codec, 'temporary', spec.exclusive ? '1' : '0'],
        ...['list', describeList(list)],
    ];
    const ask = async (): Promise<Reply> => {
      for (;;) {
        try {
          return await connection.run(JOIN, [key], [this.session.id, time === undefined ? '' : String(time()), ...args]);
        } catch (error) {
          if (!hasCode(error, 'CONNECTION_LOST') || this.over !== undefined) throw error;
        }
      }
    };
    const reply = (await ask()) as readonly [number, ...(number | Buffer)[]];
    if (reply[0] === 6) throw new MillraceError('QUEUE_CLOSED', `Queue "${spec.name}" was given up by the process that it belonged to.`, { queue: spec.name });
    if (reply[0] === 3 && generation === '') throw new MillraceError('ENDPOINT_LOST', `Queue "${spec.name}" is not in Redis.`, { queue: spec.name });
    if (reply[0] === 5) throw mismatch(spec.name, String(reply[1]), String(reply[2]), String(reply[3]));
    return reply;
  }

  private noted: Promise<void> | undefined;

  /** Of queues that would be left behind. What is missed here is made up for in time. */
  private async keepAccount(of: typeof note): Promise<void> {
    const { connection, prefix, key } = this.options;
    if (prefix !== undefined) await of(connection, prefix, key).catch(() => undefined);
  }

  private enter(token: number): void {
    this.kept?.end();
    this.kept = this.over === undefined ? this.options.keeper?.keep(this.key, this.session.id, token) : undefined;
  }

  // --- coming back ------------------------------------------------------------------------------------------------

  /** The lease ran out, or the server has lost something: joins again, and tells what happened meanwhile. */
  private async comeBack(reason: Absence, known: number | undefined): Promise<Return | MillraceError> {
    const { name: queue } = this.spec;
    const stops = this.options.onDataLoss === 'stop';
    try {
      let items = known;
      let lostData = reason !== 'lease';
      // Where it stops nothing is to be mended.
      let reply = reason === 'data' || (lostData && stops) ? undefined : await this.askToJoin(this.generation, lostData ? 'keys missing' : '');
      const mended = (reply?.[0] === 0 ? reply[11] : reply?.[0] === 3 ? reply[1] : -1) as number;
      if (mended >= 0) {
        items = mended;
        lostData = true;
      }
      if (reply?.[0] !== 0) {
        lostData = true;
        const isGone = this.spec.exclusive && mended < 0;
        if (isGone && !this.isOwner) return await this.givenUp();
        if (isGone || stops) {
          this.lost(items);
          return dataLost(queue, items);
        }
        reply = await this.askToJoin('', 'forget');
        this.isEnded = false;
      }
      this.generation = String(reply[5]);
      const [, token, , ended, , , turn, lapsed, returned, inHand] = reply as readonly number[];
      this.enter(token ?? 0);
      if (ended === 1) this.ended();
      return {
        token: token ?? 0,
        known: turn ?? 0,
        lapsed: lapsed === 1 || lostData,
        forgotten: lostData,
        tell: () => {
          if (lostData) this.lost(items);
          if (lapsed === 1) this.events.emit('lease-lost', { queue, returned: returned ?? 0, inHand: inHand ?? 0 });
        },
      };
    } catch (failure) {
      return failure instanceof MillraceError ? failure : new MillraceError('ENDPOINT_LOST', String(failure), { queue }, failure);
    }
  }

  private lost(items: number | undefined): void {
    const { name: queue } = this.spec;
    this.events.emit('data-lost', { queue, items, error: dataLost(queue, items) });
  }

  /** The queue is gone with the process that it belonged to, whose last word may still be under way by another connection. */
  private async givenUp(): Promise<MillraceError> {
    const { name: queue } = this.spec;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WORD);
    });
    await Promise.race([this.done, patience]);
    clearTimeout(timer);
    return this.over ?? new MillraceError('QUEUE_CLOSED', `Queue "${queue}" is gone with the process that it belonged to.`, { queue });
  }

  /** Opens what it had, before anything else is said. */
  private reopen(): void {
    const { renewals } = this.session;
    for (const [id, { role, info }] of this.slots) this.session.post(() => ['', ASK.SLOT, 0, id, role, info.worker, info.madeAt]);
    for (const [id, { role, info }] of this.links)
      this.session.post(() => ['', ASK.OPEN, 0, id, role, info?.worker, info?.madeAt, undefined, renewals]);
    // A queue that was made anew does not know.
    if (this.closed) this.session.post(() => ['', ASK.CLOSE]);
  }

  /** Its endpoints take what they had for lost; what was asked and will not be answered fails, where the server has forgotten it. */
  private renew(forgotten: boolean): void {
    const error = dataLost(this.spec.name, undefined);
    if (forgotten) this.requests.failOpen(error);
    for (const { link } of [...this.links.values()]) link.renew(this.session.renewals, forgotten ? error : undefined);
  }

  // --- endpoints --------------------------------------------------------------------------------------------------

  openProducer(info: EndpointInfo): ProducerBackend {
    this.check();
    if (this.closed) throw queueClosed(this.spec.name);
    return this.openEndpoint('producer', info) as ProducerBackend;
  }

  openConsumer(info: EndpointInfo): ConsumerBackend {
    this.check();
    return this.openEndpoint('consumer', info) as ConsumerBackend;
  }

  openSlot(role: Role, info: EndpointInfo): SlotBackend {
    this.check();
    if (role === 'producer' && this.closed) throw queueClosed(this.spec.name);
    const id = this.nextId('s');
    let open = true;
    this.slots.set(id, { role, info });
    void this.requests.ask(ASK.SLOT, id, role, info.worker, info.madeAt).then(
      (refused) => {
        if (refused !== '') giveUp();
      },
      () => {
        giveUp();
      },
    );
    const giveUp = (): void => {
      open = false;
      this.slots.delete(id);
    };
    const checkOpen = (): void => {
      this.check();
      if (!open) throw new MillraceError('ENDPOINT_CLOSED', `Slot ${id} was given up: no worker can start with it.`, { slot: id });
    };
    return {
      id,
      role,
      checkMint: checkOpen,
      mint: (minted) => {
        checkOpen();
        return this.openEndpoint(role, { ...info, ...minted }, id);
      },
      close: () => {
        if (!open) return;
        giveUp();
        this.session.post(() => ['', ASK.UNSLOT, 0, id]);
      },
    };
  }

  private openEndpoint(role: Role, info: EndpointInfo, slot?: string): ProducerBackend | ConsumerBackend {
    const id = this.nextId(role === 'producer' ? 'p' : 'c');
    const link = this.link(id, role, info);
    this.session.post(() => ['', ASK.OPEN, 0, id, role, info.worker, info.madeAt, slot]);
    return this.revive({ role, body: { id } }, link);
  }

  /** Makes an endpoint of what another process handed over. */
  claim(travelling: Travelling): ProducerBackend | ConsumerBackend {
    const id = travelling.body['id'] as string;
    const link = this.link(id, travelling.role);
    this.session.post(() => ['', ASK.CLAIM, 0, id]);
    return this.revive(travelling, link);
  }

  private revive({ role, body }: Travelling, link: EndpointLink): ProducerBackend | ConsumerBackend {
    const { name, gate, overflow, confirm, redelivery, acknowledge } = this.spec;
    const spec = { name, gate, overflow, confirm, redelivery, acknowledge };
    // Its home tells it the epoch and the gate before anything else; what it sends before counts as of the epoch it finds.
    const token = { role, transfer: [], body: { refusing: false, ...body, epoch: -1, credits: 0, spec, port: link } };
    return reviveEndpoint(token, this.options.runtime, () => link);
  }

  private link(id: string, role: Role, info?: EndpointInfo): EndpointLink {
    const link = new EndpointLink(
      id,
      { spec: this.spec, key: this.key, list: this.options.list },
      this.session,
      this.options.form,
      (worker) => {
        this.given.give(id, worker);
      },
      () => this.links.delete(id),
      (code) => this.explain(id, code),
    );
    this.links.set(id, { link, role, info });
    return link;
  }

  private nextId(kind: string): string {
    return `${this.spec.name}/${this.session.id}${kind}${String(++this.ids)}`;
  }

  private explain(id: string, code: ErrorCode): string {
    const { name } = this.spec;
    switch (code) {
      case 'QUEUE_CLOSED':
        return `Queue "${name}" was closed to new producers before ${id} took part, or while its lease was lost. Close a queue when all that put into it have joined.`;
      case 'ENDPOINT_CLOSED':
        return `The slot of endpoint ${id} was given up: no worker can start with it.`;
      default:
        return `Endpoint ${id} of queue "${name}" is gone: its process was not heard of for too long, or it was given up.`;
    }
  }

  // --- the queue --------------------------------------------------------------------------------------------------

  close(): void {
    if (this.closed || this.over !== undefined) return;
    this.closed = true;
    this.session.post(() => ['', ASK.CLOSE]);
  }

  clear(): Promise<number> {
    return this.requests.ask<number>(ASK.CLEAR);
  }

  async join(): Promise<void> {
    await this.requests.ask(ASK.JOIN);
  }

  whenEnded(): Promise<void> | undefined {
    if (this.isEnded || this.over !== undefined) return undefined;
    return new Promise((resolve) => {
      this.endWaits.push(resolve);
    });
  }

  async stats(): Promise<QueueStats> {
    return statsFrom(await this.requests.ask<number[]>(ASK.STATS));
  }

  async blockers(): Promise<Blocker[]> {
    return blockersFrom(await this.requests.ask<unknown[][]>(ASK.BLOCKERS));
  }

  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void {
    return this.events.on(type, listener);
  }

  private makeGate(): GateBackend {
    return {
      setReady: async () => {
        await this.requests.ask(ASK.READY);
      },
      setNotReady: () => this.requests.ask<number>(ASK.NOT_READY),
      refuse: async () => {
        await this.requests.ask(ASK.REFUSE);
      },
    };
  }

  /** Leaves the queue: for others it goes on. */
  dispose(error: MillraceError): void {
    void this.leave(error);
  }

  /** Resolves when the queue knows that this process has left. */
  async leave(error: MillraceError): Promise<void> {
    if (this.over !== undefined) return this.left;
    this.left = this.goAway(error);
    return this.left;
  }

  private left: Promise<void> | undefined;

  private async goAway(error: MillraceError): Promise<void> {
    this.settleAll(error);
    await this.joined;
    await this.session.leave(['', ASK.LEAVE, 0, error.code, error.message]).catch(() => undefined);
    await this.noted?.then(() => this.keepAccount(forget));
    await this.subscription?.unsubscribe().catch(() => undefined);
    this.finish();
  }

  /** Its session is over by itself. */
  private end(error: MillraceError): void {
    if (this.over !== undefined) return;
    this.settleAll(error);
    void this.subscription?.unsubscribe().catch(() => undefined);
    this.finish();
  }

  private settleAll(error: MillraceError): void {
    this.over = error;
    this.unlisten();
    clearTimeout(this.tending);
    this.watch?.close();
    this.kept?.end();
    for (const { link } of [...this.links.values()]) link.end(error.code, error.message);
    this.requests.failAll(error);
    for (const done of this.endWaits.splice(0)) done();
    this.events.clear();
  }

  private check(): void {
    if (this.over !== undefined) throw this.over;
  }

  // --- what comes -------------------------------------------------------------------------------------------------

  private receive(message: Message, frame: Frame, next: Message | undefined): void {
    const id = message[0] as string;
    if (id !== '') this.links.get(id)?.link.deliver(message, frame, next);
    else if (message[1] === TOLD.ANSWER) this.requests.answer(message[2] as number, message, frame);
    else this.happened(message, frame);
  }

  private happened([, , kind, ...rest]: Message, frame: Frame): void {
    const queue = this.spec.name;
    switch (kind) {
      case 'ended':
        this.ended();
        return;
      case 'closed':
        this.closed = true;
        return;
      case 'gone': {
        const [code, text] = rest as [ErrorCode, string | false];
        this.session.fail(new MillraceError(code, text === false ? `Queue "${queue}" is gone with the process that it belonged to.` : text, { queue }));
        return;
      }
      case 'no-consumer':
        this.events.emit('no-consumer', { queue, items: rest[0] as number });
        return;
      case 'ready':
        this.events.emit('ready', { queue, ready: rest[0] as boolean });
        return;
      case 'dead-letter': {
        const [id, attempts, length, bytes] = rest as [string, number, number, number];
        const { value, error } = readLetter(frame.bytes(bytes), length, this.options);
        this.events.emit('dead-letter', { queue, id, attempts, value, error });
        return;
      }
      case 'data-lost':
        this.lost(rest[0] as number);
        if (this.options.onDataLoss === 'stop') this.session.fail(dataLost(queue, rest[0] as number));
        return;
      case 'dead-letter-dropped':
        this.events.emit('dead-letter-dropped', { queue, id: rest[0] as string });
        return;
      case 'endpoint-lost': {
        const [id, role, worker, returned, inHand] = rest as [string, Role, string | false, number, number];
        this.events.emit('endpoint-lost', { queue, id, role, worker: worker === false ? undefined : worker, returned, inHand });
      }
    }
  }

  /** Nothing happens here any more. */
  get isOver(): boolean {
    return this.isEnded || this.over !== undefined;
  }

  /** Resolves when it has left, or is lost. */
  readonly done: Promise<void>;
  private finish!: () => void;

  private ended(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    for (const done of this.endWaits.splice(0)) done();
    this.events.emit('ended', { queue: this.spec.name });
  }

  // --- keeping the lease ------------------------------------------------------------------------------------------

  private tendLater(): void {
    if (this.over !== undefined) return;
    // On the process's own clock, whatever clock the queue's waits have: the lease is real.
    this.tending = setTimeout(() => {
      if (this.isUp) this.session.watch();
      this.session.tend().catch(() => undefined);
      this.tendLater();
    }, Math.min(this.options.lease / 3, TEND_MOST));
  }

  private fetch(): void {
    this.session.fetch().catch(() => undefined);
  }
}

function dataLost(queue: string, items: number | undefined): MillraceError {
  const some = items === undefined ? 'items that it had confirmed' : items === 0 ? 'keys, but no items,' : `${String(items)} confirmed items`;
  return new MillraceError(
    'DATA_LOST',
    `The server has lost ${some} of queue "${queue}": keys were deleted or evicted, or a replica took over that had not been sent all. Put again what can be; use \`noeviction\`, and \`WAIT\`-able replicas or an append-only file.`,
    { queue, items },
  );
}

function mismatch(queue: string, option: string, is: string, asked: string): MillraceError {
  if (option === 'version') return otherLayout(queue, Number(is));
  return new MillraceError(
    'BAD_OPTION',
    `Queue "${queue}" is in Redis with ${option} ${is}, and was opened here with ${asked}. Open it with the same options everywhere, or remove it first.`,
    { queue, option, is, asked },
  );
}
