import { MillraceError } from '../../errors/error.js';
import { queueClosed } from '../../errors/queue-closed.js';
import type { Runtime } from '../../runtime/runtime.js';
import type {
  Blocker,
  ConsumerBackend,
  DeadLetter,
  DeadLetterBackend,
  Departure,
  EndpointInfo,
  GateBackend,
  ProducerBackend,
  QueueBackend,
  QueueEvents,
  QueueStats,
  SlotBackend,
} from '../../transport/backend.js';
import type { QueueSpec } from '../../transport/spec.js';
import type { QueueHealth } from '../../transport/transport.js';
import { packBlock } from '../packed/index.js';
import type { BlockExtra } from '../ports/messages.js';
import { RemoteConsumer } from '../ports/remote-consumer.js';
import { RemoteProducer } from '../ports/remote-producer.js';
import type { RemoteSpec } from '../ports/token.js';
import { packErrors } from '../values/errors.js';
import { holdsErrors } from '../values/survey.js';
import type { Bells } from './bells.js';
import { lingeringBells } from './lingering.js';
import { type Role, tend } from './endpoints.js';
import { type Known, SharedHost } from './host.js';
import {
  ACKED,
  CLEARED,
  CLOSED,
  DROPPED,
  E,
  ENDED,
  EPOCH,
  EPOCH_START,
  FLAGS,
  IN_HAND,
  LAST_KEY,
  LAST_SETTLED,
  LAST_TAKEN,
  NEXT_PLACE,
  OPEN_CONSUMERS,
  OPEN_PRODUCERS,
  PAGE,
  PUT,
  REDELIVERED,
  REFUSED,
  REFUSING,
  SEEK_FIRST,
  SIZE,
  slotAt,
  SYNC,
  TAKEN,
  WAITED,
} from './layout.js';
import { discardOutdated, store, storeLetter } from './items.js';
import { SharedLink } from './link.js';
import { PATIENCE } from './patience.js';
import { SharedJoins, Syncs } from './waits.js';

/** Bytes for items, where nobody says: what does not fit goes by the host. The system gives memory when it is first used. */
export const DEFAULT_BYTES = 16 * 1024 * 1024;

/** Pages that an item takes beside its bytes, where each comes by itself: its block, and its run. */
const RECORDS = 2;
/** So many items find room, whatever the capacity: what is in hand takes some, too. Pages that are not used cost nothing. */
const FEWEST_ITEMS = 16_384;
/** With a greater capacity, it is counted on that items come in blocks. */
const MOST_ITEMS = 65_536;

export interface SharedQueueOptions {
  /** For items, in bytes. Default 16 MiB. */
  readonly bytes?: number | undefined;
  /** How long a block waits for room among these bytes, in ms, before it goes by the host; up to 20 times that while others take. Default 50. */
  readonly patience?: number | undefined;
  /** For tests. */
  readonly bells?: Bells | undefined;
}

/** A queue whose state lies in shared memory, as seen by the thread that opened it. */
export class SharedQueue implements QueueBackend {
  readonly host: SharedHost;
  readonly deadLetters: DeadLetterBackend;
  readonly gate: GateBackend | undefined;
  private readonly patience: number;
  private readonly syncs = new Syncs();
  private readonly joins = new SharedJoins();
  private readonly slots = new Map<string, { readonly role: Role; readonly info: EndpointInfo }>();
  private endWaits: (() => void)[] = [];
  private toldEnd = false;

  constructor(spec: QueueSpec, runtime: Runtime, { bytes = DEFAULT_BYTES, patience = PATIENCE, bells = lingeringBells }: SharedQueueOptions = {}) {
    this.patience = patience;
    const bounded = spec.capacity <= MOST_ITEMS;
    const most = bounded ? FEWEST_ITEMS + spec.capacity : 2 * MOST_ITEMS;
    const kept = RECORDS * (most + Math.min(spec.deadLetterCapacity, MOST_ITEMS));
    this.host = new SharedHost(spec, runtime, bells, {
      pages: Math.ceil(bytes / (4 * PAGE)) + kept,
      kept,
      most: bounded ? most : 0,
    });
    this.host.onLook = () => {
      this.looked();
    };
    this.host.putBack = (letter) => {
      this.putBack(letter);
    };
    this.deadLetters = this.host.letters;
    this.gate = spec.gate
      ? { setReady: () => this.turn(true), refuse: () => this.turn(false), setNotReady: () => this.clear(true) }
      : undefined;
  }

  openProducer(info: EndpointInfo): ProducerBackend {
    this.check();
    if ((this.get(FLAGS) & CLOSED) !== 0) throw queueClosed(this.host.spec.name);
    return this.makeProducer(info);
  }

  openConsumer(info: EndpointInfo): ConsumerBackend {
    this.check();
    return this.makeConsumer(info);
  }

  openSlot(role: Role, info: EndpointInfo): SlotBackend {
    this.check();
    if (role === 'producer' && (this.get(FLAGS) & CLOSED) !== 0) throw queueClosed(this.host.spec.name);
    const { host } = this;
    const id = host.nextId('s');
    this.slots.set(id, { role, info });
    host.openSlot(role, 1);
    const checkOpen = (): void => {
      this.check();
      if (!this.slots.has(id)) throw new MillraceError('ENDPOINT_CLOSED', `Slot ${id} was given up: no worker can start with it.`, { slot: id });
    };
    return {
      id,
      role,
      checkMint: checkOpen,
      mint: (minted) => {
        checkOpen();
        const both = { ...info, ...minted };
        // The slot is open, and so a closed queue still takes its producers.
        return role === 'producer' ? this.makeProducer(both) : this.makeConsumer(both);
      },
      close: () => {
        if (this.slots.delete(id)) host.openSlot(role, -1);
      },
    };
  }

  close(): void {
    this.step(() => {
      this.set(FLAGS, this.get(FLAGS) | CLOSED);
    });
  }

  clear(shut = false): Promise<number> {
    this.check();
    const { s } = this.host;
    return new Promise((resolve, reject) => {
      let before = 0;
      const was = { ready: false };
      this.step(() => {
        before = s.counted(CLEARED);
        if (shut) {
          was.ready = (s.get(FLAGS) & REFUSING) === 0;
          s.set(FLAGS, s.get(FLAGS) | REFUSING);
        }
        s.set(EPOCH, s.get(EPOCH) + 1);
        s.set(EPOCH_START, s.get(NEXT_PLACE));
        s.commit();
        while (!discardOutdated(s)) s.commit();
        this.syncs.begin(s).then(() => {
          resolve(s.counted(CLEARED) - before);
        }, reject);
      });
      this.hear();
      if (was.ready) this.tellReady(false);
    });
  }

  join(): Promise<void> {
    this.check();
    return new Promise((resolve, reject) => {
      this.step(() => {
        this.syncs.begin(this.host.s).then((end) => {
          if (this.host.disposed !== undefined) reject(this.host.disposed);
          else
            this.step(() => {
              this.joins.begin(this.host.s, end).then(resolve, reject);
            });
        }, reject);
      });
      this.hear();
    });
  }

  whenEnded(): Promise<void> | undefined {
    if (this.toldEnd || this.host.disposed !== undefined) return undefined;
    return new Promise((resolve) => {
      this.endWaits.push(resolve);
    });
  }

  stats(): QueueStats | Promise<QueueStats> {
    const { s } = this.host;
    return this.ask(() => ({
        size: s.get(SIZE),
        inHand: s.get(IN_HAND),
        put: s.counted(PUT),
        taken: s.counted(TAKEN),
        acked: s.counted(ACKED),
        redelivered: s.counted(REDELIVERED),
        refused: s.counted(REFUSED),
        dropped: s.counted(DROPPED),
        cleared: s.counted(CLEARED),
        dead: this.host.dead,
        deadDropped: this.host.deadDropped,
        producers: s.get(OPEN_PRODUCERS),
        consumers: s.get(OPEN_CONSUMERS),
        waitedMs: s.counted(WAITED) + this.waitedNow(),
    }));
  }

  blockers(): Blocker[] | Promise<Blocker[]> {
    const { host } = this;
    const { name } = host.spec;
    if ((this.get(FLAGS) & ENDED) !== 0) return [];
    return this.ask(() => {
      const found: Blocker[] = [];
      const consumers: Blocker[] = [];
      if ((this.get(FLAGS) & CLOSED) === 0) found.push({ kind: 'queue-open', id: name });
      for (const { id, role, info, slot } of host.known.values()) {
        const items = this.get(slotAt(slot) + E.IN_HAND);
        if (role === 'producer') found.push({ kind: 'producer', id, ...info });
        else if (items > 0) consumers.push({ kind: 'in-hand', id, items, ...info });
      }
      for (const [id, { role, info }] of this.slots) if (role === 'producer') found.push({ kind: 'slot', id, ...info });
      if (this.get(SIZE) > 0) found.push({ kind: 'waiting', id: name, items: this.get(SIZE) });
      return [...found, ...consumers];
    });
  }

  health(): QueueHealth {
    void this.host.s.catchUp();
    const now = this.host.now();
    const ago = (at: number): number | undefined => (this.get(at) === 0 ? undefined : Math.max(0, now - (this.get(at) - 1)));
    return { queue: this.host.spec.name, depth: this.get(SIZE), inHand: this.get(IN_HAND), lastTaken: ago(LAST_TAKEN), lastSettled: ago(LAST_SETTLED) };
  }

  /** Grows with all that its threads do, and is NaN while one is about to: for tests, which wait until all is quiet. */
  activity(): number {
    return this.host.disposed === undefined ? this.host.activity() : 0;
  }

  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void {
    return this.host.events.on(type, listener);
  }

  dispose(error: MillraceError): void {
    if (this.host.disposed !== undefined) return;
    this.host.dispose(error);
    this.syncs.dispose();
    this.joins.failAll(error);
    for (const done of this.endWaits.splice(0)) done();
    this.host.events.clear();
  }

  // --- endpoints ----------------------------------------------------------------------------------------------------

  private makeProducer(info: EndpointInfo): ProducerBackend {
    const { host, spec } = this;
    const { known, link } = this.openEndpoint('producer', info);
    const state = { epoch: host.s.get(EPOCH), refusing: (host.s.get(FLAGS) & REFUSING) !== 0 };
    const endpoint = new RemoteProducer(known.id, spec, link, host.runtime, state);
    return this.travels(endpoint, known);
  }

  private makeConsumer(info: EndpointInfo): ConsumerBackend {
    const { host, spec } = this;
    const { known, link } = this.openEndpoint('consumer', info);
    const state = { epoch: host.s.get(EPOCH), refusing: (host.s.get(FLAGS) & REFUSING) !== 0 };
    return this.travels(new RemoteConsumer(known.id, spec, link, host.runtime, state), known);
  }

  private openEndpoint(role: Role, info: EndpointInfo): { known: Known; link: SharedLink } {
    const { host } = this;
    const { known, link } = host.open(role, { ...info });
    return { known, link: new SharedLink(host.s, { role, slot: known.slot, owner: known.owner, sync: host.s.get(SYNC), patience: this.patience }, link, host.runtime, host.bells) };
  }

  /** Its worker is known by name from then on. */
  private travels<Endpoint extends RemoteProducer | RemoteConsumer>(endpoint: Endpoint, known: Known): Endpoint {
    const depart = endpoint.depart.bind(endpoint);
    endpoint.depart = (via: Departure) => {
      this.check();
      const token = depart(via);
      known.info = { ...known.info, worker: via.worker };
      return token;
    };
    return endpoint;
  }

  private get spec(): RemoteSpec {
    const { name, gate, overflow, confirm, redelivery, acknowledge } = this.host.spec;
    return { name, gate, overflow, confirm, redelivery, acknowledge };
  }

  // --- steps --------------------------------------------------------------------------------------------------------

  private get(at: number): number {
    return this.host.s.get(at);
  }

  private set(at: number, value: number): void {
    this.host.s.set(at, value);
  }

  /** Behind what this thread's endpoints have done so far. */
  private ask<T>(answer: () => T): T | Promise<T> {
    const { s, access } = this.host;
    const done = s.catchUp();
    return done === undefined ? access.ask(answer) : done.then(() => access.ask(answer));
  }

  /** What this thread's endpoints do from now on is behind what was just done here. */
  private hear(): void {
    for (const neighbour of [...this.host.s.neighbours]) neighbour.hear();
  }

  private step(change: () => void): void {
    const { access, s } = this.host;
    access.run(() => {
      change();
      s.commit();
      tend(s, this.host.now());
    });
  }

  private turn(ready: boolean): Promise<void> {
    this.check();
    return new Promise((resolve, reject) => {
      const turned = { over: false };
      this.step(() => {
        const { s } = this.host;
        turned.over = ((s.get(FLAGS) & REFUSING) === 0) !== ready;
        if (turned.over) s.set(FLAGS, s.get(FLAGS) ^ REFUSING);
        this.syncs.begin(s).then(() => {
          resolve();
        }, reject);
      });
      this.hear();
      if (turned.over) this.tellReady(ready);
    });
  }

  private tellReady(ready: boolean): void {
    this.host.events.emit('ready', { queue: this.host.spec.name, ready });
  }

  /** A dead letter comes in again as if it were new, whether there is room or not. */
  private putBack(letter: DeadLetter): void {
    const { host } = this;
    const rich = holdsErrors(letter.value);
    const value = rich ? packErrors(letter.value) : letter.value;
    const extra: BlockExtra | undefined =
      rich || letter.headers !== undefined ? { rich: rich ? [0] : [], headers: letter.headers === undefined ? [] : [[0, letter.headers]] } : undefined;
    const packed = packBlock([value], extra)?.slice();
    const key = Atomics.add(host.s.words, LAST_KEY, 1);
    this.step(() => {
      if (packed !== undefined && storeLetter(host.s, packed)) return;
      host.kept.keep(key, [value], extra);
      store(host.s, key, 1, true);
    });
  }

  private looked(): void {
    const { s, spec } = this.host;
    this.syncs.check(s);
    this.joins.check(s);
    if ((s.get(FLAGS) & ENDED) === 0 || this.toldEnd) return;
    this.toldEnd = true;
    for (const done of this.endWaits.splice(0)) done();
    this.host.emit('ended', { queue: spec.name });
  }

  /** How long those have waited for room that wait now. */
  private waitedNow(): number {
    const { s } = this.host;
    const now = this.host.now();
    let sum = 0;
    for (let at = s.get(SEEK_FIRST); at !== 0; at = s.get(slotAt(at - 1) + E.SEEK_NEXT)) sum += Math.max(0, now - s.get(slotAt(at - 1) + E.SINCE));
    return sum;
  }

  private check(): void {
    if (this.host.disposed !== undefined) throw this.host.disposed;
  }
}
