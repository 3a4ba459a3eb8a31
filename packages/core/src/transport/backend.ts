import type { CheckAt } from '../contracts/queue-contract.js';
import type { MillraceError } from '../errors/error.js';
import type { InLine } from './line.js';

/** What became of an item that was put. */
export type PutAnswer = 'accepted' | 'dropped' | 'refused';

/** A small record of strings that travels with an item: `{ traceparent: '...' }`. */
export type ItemHeaders = Readonly<Record<string, string>>;

/** What a put may carry besides its value. */
export interface PutMeta {
  /** For whoever is given the item. Frozen. */
  readonly headers?: ItemHeaders | undefined;
  /** What is moved rather than copied. */
  readonly transfer?: readonly object[] | undefined;
  /** The id of an earlier put whose answer was not known: if its item has arrived, it is not put again. */
  readonly id?: string | undefined;
}

/** An item that has been handed to user code and is not yet settled. */
export interface Taken {
  readonly value: unknown;
  /** 1 on the first delivery; more when an earlier one may have reached user code, or when it comes out of order. */
  readonly attempt: number;
  /** The value was moved: it will not be delivered again. */
  readonly moved: boolean;
  /** What was put with it. */
  readonly headers: ItemHeaders | undefined;
  /** Grows with every delivery of a queue, where the home counts them: see `Delivery.fence`. */
  readonly fence?: number | undefined;
  /** It went back while it was in hand, since the home had not heard of this process for too long. */
  readonly lapsed?: boolean;
}

/** Several items in hand that are handed out, acknowledged or given back together. */
export interface TakenRun extends Taken {
  /** Its own `value` is none of these. */
  readonly values: readonly unknown[];
}

/**
 * Puts that wait in line for room: made by core, served by the backend. Per producer they are served strictly in the
 * order in which they joined.
 */
export interface Putter extends InLine<Putter> {
  /** The backend replaces them by their copies. */
  values: readonly unknown[];
  /** A backend that passes the putter on may add headers. */
  meta: PutMeta | undefined;
  /** It puts nothing: its one value stands for any, and is answered as soon as a put would find room. It uses none up. */
  readonly roomOnly: boolean;
  /** Values from here on are still to be accepted. The backend moves it on. */
  next: number;
  /** Set by the backend as soon as a home was asked whose answer is not here yet: from then on it is uncertain. */
  asked: string | undefined;
  /** The backend answers each value, in order. */
  answer(answer: PutAnswer): void;
  /** The backend gives up the rest: the endpoint was closed or lost, or the values are bad. */
  fail(error: unknown): void;
}

/** A wait for an item: made by core, served by the backend. */
export interface Taker extends InLine<Taker> {
  /** How many unsettled items the asking iteration holds itself: they do not keep it from ending. */
  readonly held: number;
  /** More items will be asked for at once, so that the backend may fetch ahead. */
  readonly ahead: boolean;
  /** It leaves the line to ask on by `tryTake`: what is on its way is of use. Default false. */
  readonly asksOn?: boolean;
  /** How many items it can use at once. Default 1. */
  readonly wants?: number;
  /** It waits to complete a batch, and is to be cut as soon as the queue is drained. */
  readonly partial: boolean;
  /**
   * User code does not get at once what it is given: `handOut` follows when it does. Where taking acknowledges, this does
   * not, and a death in between counts as no delivery.
   */
  readonly holds: boolean;
  /** For the backend's own use while the taker is in line. */
  owner: unknown;
  /** An item, in hand from now on. The taker has left the line before. */
  give(taken: Taken): void;
  /** No item will come: the queue ended, or (partial only) it is drained. The taker has left the line before. */
  end(): void;
  /** The endpoint was closed or lost. The taker has left the line before. */
  fail(error: MillraceError): void;
}

/** Where a producer endpoint reaches its queue. */
export interface ProducerBackend {
  readonly id: string;
  /**
   * Puts one value now, or answers `'full'` at once and does nothing. A promise only where the home must be asked for
   * its answer (`confirm: 'each'`, lossy queues far from home). Throws coded errors: the endpoint is closed or lost, the
   * value cannot be carried. The value is fixed when this returns.
   */
  offer(value: unknown): PutAnswer | 'full' | Promise<PutAnswer>;
  /**
   * Accepts all of these values now, or answers false and does nothing: for what happens most, where that is faster than
   * `park`. Absent: `park` is called. Throws as `offer` does.
   */
  offerAll?(values: readonly unknown[]): boolean;
  /**
   * As `offer`, but `'full'` is exact: it says that the whole queue is full, and may take a promise to find out. If it does,
   * `still` is asked before the item is put whether it is to be: if not, the answer is `'full'`.
   */
  tryOffer(value: unknown, meta: PutMeta | undefined, still?: () => boolean): PutAnswer | 'full' | Promise<PutAnswer | 'full'>;
  /**
   * Serves the putter's values as soon as there is room and all before it are served; at once if possible. Values are
   * fixed and judged before this returns (moved ones are moved only when accepted). Throws as `offer` does.
   */
  park(putter: Putter): void;
  /** Takes a putter out of line. What was not accepted yet is surely not put. */
  unpark(putter: Putter): void;
  /** Resolves when the home has everything that was accepted; undefined when it already has. */
  flush(): Promise<void> | undefined;
  /** Closes behind its own items. Waiting puts fail with `ENDPOINT_CLOSED`. Harmless when repeated. */
  close(): Promise<void> | undefined;
  /** Hands the endpoint over: see {@link Departure}. Absent where endpoints cannot travel. */
  depart?(via: Departure): EndpointToken;
  /** Throws what `depart` would throw, and changes nothing. Goes with `depart`. */
  checkDepart?(via: Departure): void;
}

/** Where a consumer endpoint reaches its queue. */
export interface ConsumerBackend {
  readonly id: string;
  /** Whether taking acknowledges, so that nothing is left to be settled. */
  readonly onTake: boolean;
  /**
   * The next item, in hand from now on, or undefined when none is at hand. `holds` says the same as a taker's. Throws when
   * the endpoint is closed or lost.
   */
  take(holds?: boolean): Taken | undefined;
  /**
   * As `take(true)`, for up to `most` items at once: a run of them, or one. `handOut`, `ack` and `giveBack` take a run as they take
   * an item. Absent, or undefined: `take` is called.
   */
  takeRun?(most: number): TakenRun | undefined;
  /** `ack` of one and `take` of the next in one call, where that is faster. Absent: both are called. */
  exchange?(done: Taken): Taken | undefined;
  /** User code gets now what was taken with `holds`: where taking acknowledges, this does. */
  handOut(taken: Taken): void;
  /**
   * As `take`, but exact: undefined says that no item waits anywhere, and may take a promise to find out. Up to `most` items
   * will be taken in this turn, so that the others may come with the first. Default 1.
   */
  tryTake(holds?: boolean, most?: number): Taken | undefined | Promise<Taken | undefined>;
  /** Whether an iteration that holds `held` unsettled items is over. */
  ended(held: number): boolean;
  /** Whether the queue is drained: nothing waits and no producer is open. */
  drained(): boolean;
  /** Joins the line for items. Called only after `take` answered undefined and `ended` false, in the same turn. */
  park(taker: Taker): void;
  unpark(taker: Taker): void;
  /** The item is done. Cheap: may travel late. Throws `ENDPOINT_LOST` when it can no longer be told. */
  ack(taken: Taken): void;
  /**
   * The item goes back to the queue and is delivered again, or becomes a dead letter if that was its last delivery. `begun`
   * is false when user code never saw it; `error` says why it comes back.
   */
  giveBack(taken: Taken, begun: boolean, error?: unknown): void;
  /** The item becomes a dead letter at once. */
  reject(taken: Taken, error?: unknown): void;
  /** Whether an item in hand is from before a clear: given back, it is discarded, and nobody who has not seen it may see it. */
  outdated?(taken: Taken): boolean;
  /** Sends what `ack` held back; resolves when the home has it; undefined when it already has. */
  flush(): Promise<void> | undefined;
  /** Puts into the very queue, on behalf of items in hand: see `delivery.put`. The same object each time. */
  loop(): ProducerBackend;
  /** Gives back what was fetched and not begun, and closes. Core has given back what was in hand. */
  close(): Promise<void> | undefined;
  depart?(via: Departure): EndpointToken;
  checkDepart?(via: Departure): void;
}

/** Keeps a place for endpoints of workers that are restarted: the place counts as open until it is given up. */
export interface SlotBackend {
  readonly id: string;
  readonly role: 'producer' | 'consumer';
  /** Opens an endpoint for a worker that starts. Throws `ENDPOINT_CLOSED` once the slot is closed. */
  mint(info: EndpointInfo): ProducerBackend | ConsumerBackend;
  /** Throws what minting an endpoint and handing it over would throw, and changes nothing. */
  checkMint(via: Departure): void;
  close(): void;
}

/** Who holds an endpoint. */
export interface EndpointInfo {
  /** The worker that holds it; absent for the host's own. */
  readonly worker?: string | undefined;
  /** Where it was made: only with the queue's `debug` option. */
  readonly madeAt?: string | undefined;
}

/** How an endpoint leaves for a worker: the adapter that starts the worker provides it. */
export interface Departure {
  /** The worker's id, for `blockers()` and events. */
  readonly worker: string;
  /** True when the worker lives in this very process and may use the backend itself. */
  readonly local: boolean;
  /** Opens a link to the worker for one endpoint; the far end travels with the token. */
  open(): { readonly link: unknown; readonly far: object };
}

/** What travels in place of an endpoint. Its content is the transport's own affair. */
export interface EndpointToken {
  readonly role: 'producer' | 'consumer';
  /** What has to be moved, not copied, with the token. */
  readonly transfer: readonly object[];
  /** Cloneable, unless the departure was local. */
  readonly body: unknown;
  /** Where its queue checks items, if it does: the schema itself stays behind. Core's own affair. */
  readonly check?: CheckAt | undefined;
}

export interface QueueStats {
  /** Items accepted and not yet in hand, wherever they lie. */
  readonly size: number;
  /** Items handed to user code and not settled. */
  readonly inHand: number;
  /** Items that arrived at the home. */
  readonly put: number;
  /** Items handed to user code, repeated deliveries included. */
  readonly taken: number;
  readonly acked: number;
  /** Deliveries beyond an item's first. */
  readonly redelivered: number;
  /** Items that a closed gate did not take. */
  readonly refused: number;
  /** Items given up for lack of room, and moved items that could not be delivered again. */
  readonly dropped: number;
  readonly cleared: number;
  /** Items that went to the dead letters. What is put back from there counts as put once more. */
  readonly dead: number;
  /** Dead letters that were dropped because there were too many. */
  readonly deadDropped: number;
  /** Open producers, slots included. */
  readonly producers: number;
  /** Open consumers, slots included. */
  readonly consumers: number;
  /** How long producers have waited for room, summed over them, in ms. */
  readonly waitedMs: number;
}

/** Something that keeps a queue from ending. */
export interface Blocker {
  readonly kind: 'queue-open' | 'producer' | 'slot' | 'waiting' | 'in-hand';
  /** The endpoint's or slot's id, or the queue's name. */
  readonly id: string;
  /** How many items, for `waiting` and `in-hand`. */
  readonly items?: number;
  readonly worker?: string | undefined;
  readonly madeAt?: string | undefined;
}

/** What a queue tells by itself. */
export interface QueueEvents {
  /** The queue ended: everything was taken and settled. */
  ended: { readonly queue: string };
  /** Items remain and the last consumer has left. */
  'no-consumer': { readonly queue: string; readonly items: number };
  /** A gate was opened or closed. */
  ready: { readonly queue: string; readonly ready: boolean };
  /** An item was given up: it was delivered too often, or rejected. */
  'dead-letter': {
    readonly queue: string;
    readonly id: string;
    readonly attempts: number;
    readonly error: unknown;
    /** Absent where the home does not decode values. */
    readonly value?: unknown;
  };
  /** There were more dead letters than the queue keeps: the oldest is gone. */
  'dead-letter-dropped': { readonly queue: string; readonly id: string };
  /** An endpoint's worker, or the link to it, is gone. `returned` items went back to the queue. */
  'endpoint-lost': {
    readonly queue: string;
    readonly id: string;
    readonly role: 'producer' | 'consumer';
    readonly worker?: string | undefined;
    readonly returned: number;
    /** Of these, those that user code may have seen: the bound for duplicates. */
    readonly inHand: number;
  };
  /**
   * This process was not heard of for longer than its lease, and now takes part again. `returned` items went back to the queue,
   * of which user code may have seen `inHand`: settling those fails with `LEASE_LOST`.
   */
  'lease-lost': { readonly queue: string; readonly returned: number; readonly inHand: number };
  /** The home has lost what it had confirmed: so many items, where that is known. The error's code is `DATA_LOST`. */
  'data-lost': { readonly queue: string; readonly items: number | undefined; readonly error: unknown };
}

/** An item that was given up. */
export interface DeadLetter<T = unknown> {
  readonly id: string;
  readonly value: T;
  /** How many deliveries had reached user code. */
  readonly attempts: number;
  /** What the last `nack` or `reject` gave as its reason, or that a consumer was lost with it; undefined if nobody said. */
  readonly error: unknown;
  /** When it was given up, in ms on the transport's clock. */
  readonly at: number;
  readonly headers: ItemHeaders | undefined;
}

/** Where a queue keeps its dead letters. */
export interface DeadLetterBackend {
  size(): number | Promise<number>;
  /** The oldest `max`, oldest first. */
  read(max: number): readonly DeadLetter[] | Promise<readonly DeadLetter[]>;
  /**
   * Puts those with these ids to the queue's tail, as if they were new, whether there is room or not; answers how many.
   * Throws, having moved none, when the queue has ended or was disposed of.
   */
  putBack(ids: readonly string[] | 'all'): number | Promise<number>;
  /** Forgets those with these ids; answers how many. */
  purge(ids: readonly string[] | 'all'): number | Promise<number>;
}

/** A queue's gate, which is closed at first. */
export interface GateBackend {
  /** Takes items from now on. Resolves when every producer knows. */
  setReady(): Promise<void> | undefined;
  /** Takes none from now on, and discards what waits, in a new epoch; answers how many once no endpoint can hand one out. */
  setNotReady(): number | Promise<number>;
  /** Takes none from now on, and keeps what waits. */
  refuse(): Promise<void> | undefined;
}

/** Where a queue lives, as seen from the process that opened it. */
export interface QueueBackend {
  openProducer(info: EndpointInfo): ProducerBackend;
  openConsumer(info: EndpointInfo): ConsumerBackend;
  openSlot(role: 'producer' | 'consumer', info: EndpointInfo): SlotBackend;
  /** Refuses new producers from now on. Harmless when repeated. */
  close(): void;
  /** Starts a new epoch; answers how many items were discarded once no endpoint can hand out an older one. */
  clear(): number | Promise<number>;
  readonly deadLetters: DeadLetterBackend;
  /** There if the spec asks for a gate. */
  readonly gate: GateBackend | undefined;
  /** Resolves when every item accepted before the call is settled; undefined when all are. */
  join(): Promise<void> | undefined;
  /** Resolves when the queue has ended; undefined when it has. */
  whenEnded(): Promise<void> | undefined;
  stats(): QueueStats | Promise<QueueStats>;
  blockers(): Blocker[] | Promise<Blocker[]>;
  /** Calls back for every event until the returned function is called. */
  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void;
  /** Settles every wait with `error` and frees everything. */
  dispose(error: MillraceError): void;
}
