import { MillraceError } from '../../errors/error.js';
import type { ValueForm } from '../../channels/ports/form.js';
import { fix, isRich, judged, move } from '../../channels/values/fix.js';
import type { ConsumerBackend, Departure, EndpointInfo, EndpointToken, ProducerBackend, PutAnswer, PutMeta, Putter } from '../backend.js';
import { PutLine } from '../put-line.js';
import { MOVED, RICH } from './entry.js';
import type { Home } from './home.js';
import type { Registered, RoomSeeker } from './registered.js';

export function endpointClosed(id: string): MillraceError {
  return new MillraceError('ENDPOINT_CLOSED', `Endpoint ${id} is closed. Open another from the queue.`, { endpoint: id });
}

export function consumersStuck(queue: string): MillraceError {
  return new MillraceError(
    'CONSUMERS_STUCK',
    `Every consumer of queue "${queue}" waits to put into it, and it is full: nobody can make room. Raise its capacity, or settle the delivery and put less.`,
    { queue },
  );
}

/** A producer endpoint in the home's own process. With `owner`, it puts on behalf of that consumer's items in hand. */
export class HomeProducer implements ProducerBackend, RoomSeeker, Registered {
  readonly id: string;
  readonly info: EndpointInfo;
  readonly inHand = 0;
  before: RoomSeeker | undefined;
  after: RoomSeeker | undefined;
  inLine = false;
  since = 0;

  private readonly home: Home;
  private readonly loopOf: string | undefined;
  private readonly fixes: boolean;
  private readonly waits: boolean;
  /** Room is not all that it takes: an item may be refused, or dropped. */
  private readonly ruled: boolean;
  private readonly line = new PutLine();
  private gone: MillraceError | undefined;
  /** It is open, and room is all that a put takes. */
  private plain: boolean;

  constructor(home: Home, info: EndpointInfo, loopOf?: string) {
    this.home = home;
    this.info = info;
    this.loopOf = loopOf;
    this.fixes = home.spec.clone;
    this.waits = home.spec.overflow === 'wait';
    this.ruled = !this.waits || home.spec.gate;
    this.plain = !this.ruled && !this.fixes;
    this.id = loopOf ?? home.endpoints.nextId('p');
    if (loopOf === undefined) home.endpoints.addProducer(this);
  }

  offer(value: unknown): PutAnswer | 'full' {
    const home = this.home;
    // What happens most, with as few questions as there can be.
    if (this.plain && home.room > 0) {
      home.enqueue(value, 0);
      return 'accepted';
    }
    this.check();
    if (this.full) return 'full';
    let flags = 0;
    let fixed = value;
    if (this.fixes) {
      fixed = fix(value);
      if (judged.rich) flags = RICH;
    }
    if (this.ruled) return home.enqueueByRule(fixed, flags);
    home.enqueue(fixed, flags);
    return 'accepted';
  }

  offerAll(values: readonly unknown[]): boolean {
    const home = this.home;
    if (!this.plain || home.room < values.length) return false;
    for (const value of values) home.enqueue(value, 0);
    return true;
  }

  /** A put would have to wait for room. */
  private get full(): boolean {
    return this.home.room <= 0 && this.waits && (!this.ruled || this.home.accepting);
  }

  tryOffer(value: unknown, meta: PutMeta | undefined, still?: () => boolean): PutAnswer | 'full' | Promise<PutAnswer | 'full'> {
    this.check();
    this.checkMove(meta);
    if (meta?.id !== undefined && this.home.seen.has(meta.id)) return 'accepted';
    const judged = meta?.transfer === undefined && this.fixes ? fix(value) : value;
    if (!this.full) return this.accept(judged, meta);
    const asked = this.home.seekers.roomForSure();
    if (asked === undefined) return 'full';
    return asked.then(() => {
      this.check();
      return this.full || still?.() === false ? 'full' : this.accept(judged, meta);
    });
  }

  park(putter: Putter): void {
    this.check();
    const { meta } = putter;
    this.checkMove(meta);
    if (meta?.id !== undefined && this.home.seen.has(meta.id)) {
      putter.next = putter.values.length;
      putter.answer('accepted');
      return;
    }
    if (this.fixes && meta?.transfer === undefined) putter.values = fixAll(putter.values);
    this.line.join(putter);
    if (!this.waits || !this.home.accepting) this.grant(this.line.wants);
    else this.home.seekers.join(this);
    if (this.loopOf !== undefined && this.line.wants > 0) this.home.checkStuck();
  }

  unpark(putter: Putter): void {
    this.line.leave(putter);
    if (this.line.wants === 0) this.home.seekers.leave(this);
  }

  /** Whether a put waits here. */
  get waiting(): boolean {
    return this.line.wants > 0;
  }

  get wants(): number {
    return this.line.wants;
  }

  /** There is room for so many, or none is needed since they are refused. */
  grant(n: number): void {
    this.line.serve(n, (value, putter) => {
      putter.answer(this.accept(value, putter.meta));
    });
  }

  /** Fails the latest wait, since no room can come. */
  unstick(): void {
    this.line.failLast(consumersStuck(this.home.spec.name));
    if (this.line.wants === 0) this.home.seekers.leave(this);
    else this.home.checkStuck();
  }

  flush(): undefined {
    return undefined;
  }

  close(): undefined {
    if (this.gone !== undefined) return;
    this.gone = endpointClosed(this.id);
    this.plain = false;
    this.line.failAll(this.gone);
    this.home.seekers.leave(this);
    if (this.loopOf === undefined) this.home.endpoints.removeProducer(this.id);
  }

  dispose(error: MillraceError): void {
    this.plain = false;
    this.line.failAll(error);
  }

  checkDepart(via: Departure): void {
    this.check();
    if (this.line.wants > 0) throw endpointBusy(this.id);
    checkLeave(this.home, this.id, via);
  }

  depart(via: Departure): EndpointToken {
    this.checkDepart(via);
    return departFrom(this.home, this, 'producer', via);
  }

  private accept(value: unknown, meta: PutMeta | undefined): PutAnswer {
    const home = this.home;
    let kept = value;
    let flags = 0;
    if (meta?.transfer !== undefined) {
      // What is dropped or refused is not moved first.
      if (this.ruled && !home.takes) return home.enqueueByRule(undefined, 0);
      kept = move(value, meta.transfer);
      flags = judged.rich ? MOVED | RICH : MOVED;
    } else if (this.fixes && isRich(value)) flags = RICH;
    if (this.ruled) return home.enqueueByRule(kept, flags, meta?.headers);
    home.enqueue(kept, flags, meta?.headers);
    return 'accepted';
  }

  private checkMove(meta: PutMeta | undefined): void {
    const { redelivery, name } = this.home.spec;
    if (meta?.transfer !== undefined && redelivery === 'required') throw transferRefused(name);
  }

  private check(): void {
    if (this.gone !== undefined) throw this.gone;
    if (this.home.disposed !== undefined) throw this.home.disposed;
  }
}

export function transferRefused(queue: string): MillraceError {
  return new MillraceError(
    'TRANSFER_REFUSED',
    `Queue "${queue}" demands redelivery, and a moved value cannot be delivered again. Put it without a transfer list, or open the queue with redelivery: "best-effort".`,
    { queue },
  );
}

/** Judges all before any is put: a bad one names its place in the batch. */
export function fixAll(values: readonly unknown[], by: Pick<ValueForm, 'fix'> = { fix }): unknown[] {
  const fixed = new Array<unknown>(values.length);
  let at = 0;
  try {
    for (; at < fixed.length; at++) fixed[at] = by.fix(values[at]);
    return fixed;
  } catch (error) {
    // To name the places of all the others would take as long as to copy them.
    if (values.length > 1) by.fix(values[at], `[${String(at)}]`);
    throw error;
  }
}

export function endpointBusy(id: string): MillraceError {
  return new MillraceError('ENDPOINT_BUSY', `Endpoint ${id} has calls under way here and cannot be handed over.`, { endpoint: id });
}

/** In this process the worker uses the endpoint as it is; elsewhere the far side takes it over. */
export function departFrom(
  home: Home,
  endpoint: HomeProducer | ConsumerBackend & Registered,
  role: 'producer' | 'consumer',
  via: Departure,
): EndpointToken {
  Object.assign(endpoint.info, { worker: via.worker });
  if (via.local || home.far === undefined) return { role, transfer: [], body: endpoint };
  return home.far.adopt(endpoint, role, via);
}

/** Whether an endpoint of this home can go where the departure leads. */
export function checkLeave(home: Home, id: string, via: Departure): void {
  if (home.disposed !== undefined) throw home.disposed;
  if (via.local || home.far !== undefined) return;
  throw new MillraceError(
    'CAPABILITY_MISSING',
    `Endpoint ${id} cannot leave this process: its queue lives in memory(). Open the queue with the transport that starts the worker.`,
    { endpoint: id },
  );
}
