import type { Departure, EndpointInfo, EndpointToken, Taker } from '../../transport/backend.js';
import type { FarSide } from '../../transport/memory/far-side.js';
import type { Home } from '../../transport/memory/home.js';
import type { ItemServer } from '../../transport/memory/registered.js';
import { FarConsumer } from './far-consumer.js';
import { FarProducer } from './far-producer.js';
import type { Link } from './link.js';
import { postpone } from './losing.js';
import { TO_ENDPOINT } from './messages.js';
import type { RemoteSpec, RemoteToken } from './token.js';

/** Items that are sent ahead of need, where there are as many. */
const PORTION = 32;

type Far = FarProducer | FarConsumer;
type Role = 'producer' | 'consumer';

const NOTHING = { returned: 0, inHand: 0 } as const;

/** A point in time that all far endpoints are told of. */
interface Sync {
  /** Those that have not answered. */
  readonly open: Set<Far>;
  readonly done: () => void;
  readonly note: ((order: number) => void) | undefined;
}

/**
 * The far endpoints of one home: hands endpoints over to workers, deals out items to the far consumers among them, and takes
 * back what they hold when others wait.
 */
export class FarHost implements FarSide, ItemServer {
  readonly home: Home;
  private readonly producers = new Set<FarProducer>();
  private readonly consumers = new Set<FarConsumer>();
  private readonly links = new Map<Far, Link>();
  /** Whose links broke, and who are not ended yet. */
  private readonly lost = new Map<Far, Role>();
  private readonly eager = new Set<FarProducer>();
  private readonly turn: Taker;
  private turnOpen = false;
  private dispatching = false;
  private recalls: (() => void)[] = [];
  private readonly syncs = new Map<number, Sync>();
  private lastSync = 0;

  constructor(home: Home) {
    this.home = home;
    this.turn = placeInLine(this);
  }

  // --- endpoints come and go --------------------------------------------------------------------------------------

  adopt(endpoint: { readonly id: string; readonly info: EndpointInfo }, role: Role, via: Departure): EndpointToken {
    const opened = via.open();
    const link = opened.link as Link;
    const { id, info } = endpoint;
    const far = role === 'producer' ? new FarProducer(this, id, info, link) : new FarConsumer(this, id, info, link);
    if (far instanceof FarProducer) this.producers.add(far);
    else this.consumers.add(far);
    this.home.endpoints.replace(role, far);
    this.links.set(far, link);
    link.receive(
      (message) => {
        far.receive(message);
      },
      () => {
        this.lose(far, role);
      },
    );
    if (far instanceof FarConsumer && this.home.drained) far.tellDrained();
    const { name, gate, overflow, confirm, redelivery, acknowledge } = this.home.spec;
    const spec: RemoteSpec = { name, gate, overflow, confirm, redelivery, acknowledge };
    const body: RemoteToken = { id, spec, port: opened.far, epoch: this.home.epoch, refusing: !this.home.accepting };
    return { role, transfer: [opened.far], body };
  }

  /** Whether this endpoint is still there. What deliveries put goes with their consumer. */
  knows(far: FarProducer): boolean {
    return this.producers.has(far) || this.home.endpoints.consumers.has(far.id);
  }

  forgetProducer(far: FarProducer): void {
    this.producers.delete(far);
    this.forget(far);
  }

  forgetConsumer(far: FarConsumer): void {
    this.consumers.delete(far);
    this.forget(far);
  }

  private forget(far: Far): void {
    this.links.delete(far);
    for (const request of this.syncs.keys()) this.synced(request, far);
  }

  /** The link broke before the endpoint was closed. */
  private lose(far: Far, role: Role): void {
    if (!this.links.has(far)) return;
    this.lost.set(far, role);
    if (!postpone(this)) this.endLost();
  }

  /** First all that they had comes back, then it is dealt out, and then anybody hears of it. */
  endLost(): void {
    const { home } = this;
    const ends = [...this.lost];
    this.lost.clear();
    if (home.disposed !== undefined) return;
    const lost = ends.map(([far, role]) => ({ far, role, had: far instanceof FarConsumer ? far.release('maybe') : NOTHING }));
    home.afterGiveBack();
    // What was to be dealt out meanwhile had to wait, too.
    this.dispatch();
    for (const { far } of lost) {
      if (far instanceof FarConsumer) far.leave();
      else far.end();
    }
    for (const { far, role, had } of lost)
      home.events.emit('endpoint-lost', { queue: home.spec.name, id: far.id, role, worker: far.info.worker, ...had });
  }

  dispose(): void {
    const error = this.home.disposed;
    for (const link of this.links.values()) {
      link.post([TO_ENDPOINT.GONE, error?.code, error?.message]);
      link.close();
    }
    this.links.clear();
    for (const { done } of this.syncs.values()) done();
    this.syncs.clear();
    for (const done of this.recalls.splice(0)) done();
  }

  // --- items ------------------------------------------------------------------------------------------------------

  /** The far consumers' turn: the first item of a turn is sent at once, the rest when the turn is over. */
  serve(): void {
    this.home.waiting.claim();
    if (this.turnOpen) return;
    this.turnOpen = true;
    this.home.runtime.defer(() => {
      this.turnOpen = false;
      this.dispatch();
    });
    this.dispatch();
  }

  /** Deals out what is at hand: to those who wait first, in equal shares, then ahead of need, in portions that are worth a message. */
  dispatch(): void {
    if (this.dispatching || postpone(this)) return;
    this.dispatching = true;
    const { home } = this;
    home.waiting.unclaim();
    let needy = 0;
    for (const consumer of this.consumers) if (consumer.hungry && consumer.waiting > 0) needy++;
    for (const wanting of [true, false]) {
      for (const consumer of this.consumers) {
        // Ahead of need only what nobody here waits for.
        if (home.waiting.length === 0 || (!wanting && this.othersWait)) break;
        if (wanting ? !consumer.hungry || consumer.waiting === 0 : !consumer.takesAhead) continue;
        if (wanting) consumer.send(Math.ceil(home.waiting.length / Math.max(1, needy--)));
        else consumer.send(Math.max(PORTION, Math.ceil(home.waiting.length / home.endpoints.consumers.size)));
        // To the back: the next round begins with those who got nothing.
        this.consumers.delete(consumer);
        this.consumers.add(consumer);
      }
    }
    this.dispatching = false;
    this.queueUp();
  }

  private get othersWait(): boolean {
    return this.home.takers.length > (this.turn.inLine ? 1 : 0);
  }

  /** Stands in line for the far consumers that still want something; what they do not want is others'. */
  private queueUp(): void {
    let hungry = false;
    let waiting = false;
    for (const consumer of this.consumers) {
      if (consumer.takesAhead) hungry = true;
      if (consumer.hungry && consumer.waiting > 0) waiting = true;
    }
    if (hungry || waiting) this.home.takers.join(this.turn);
    else this.home.takers.leave(this.turn);
    this.home.serveTakers();
    if (waiting || this.othersWait) this.recallItems();
  }

  recallItems(): void {
    if (this.home.waiting.length > 0) return;
    for (const consumer of this.consumers) if (consumer.waiting === 0) consumer.recall();
  }

  /**
   * Asks for what is fetched and not begun, and has `find` look again whenever some of it has come back. Undefined if there
   * is nothing to ask for.
   */
  findRecalled<T>(find: () => T | undefined): Promise<T | undefined> | undefined {
    return this.askForItems() ? this.findAmongAnswers(find) : undefined;
  }

  private async findAmongAnswers<T>(find: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      await this.nextAnswer();
      const found = find();
      // What came back may have been sent on to one that has answered before: nothing is nowhere only when nobody is left to ask.
      if (found !== undefined || !this.askForItems()) return found;
    }
  }

  private askForItems(): boolean {
    let asked = false;
    for (const consumer of this.consumers) if (consumer.recall()) asked = true;
    return asked;
  }

  // --- room -------------------------------------------------------------------------------------------------------

  /** An active producer would use a portion of room as soon as there is one. */
  wantsRoom(producer: FarProducer, portion: number): void {
    this.eager.add(producer);
    this.home.roomAlarm = Math.min(this.home.roomAlarm, portion);
  }

  wantsNoRoom(producer: FarProducer): void {
    if (this.eager.delete(producer) && this.eager.size === 0) this.home.roomAlarm = Infinity;
  }

  roomCame(): void {
    const eager = [...this.eager];
    this.eager.clear();
    this.home.roomAlarm = Infinity;
    for (const producer of eager) producer.topUp();
  }

  recallRoom(): void {
    for (const producer of this.producers) producer.recall();
  }

  async roomRecalled(): Promise<void> {
    for (;;) {
      let asked = false;
      for (const producer of this.producers) if (producer.recall()) asked = true;
      if (!asked || this.home.room > 0) return;
      await this.nextAnswer();
    }
  }

  private nextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.recalls.push(resolve);
    });
  }

  recallAnswered(): void {
    for (const done of this.recalls.splice(0)) done();
  }

  // --- points in time ---------------------------------------------------------------------------------------------

  drained(): void {
    for (const consumer of this.consumers) consumer.tellDrained();
  }

  cleared(): Promise<void> | undefined {
    return this.sync([...this.producers, ...this.consumers]);
  }

  gateMoved(): Promise<void> | undefined {
    return this.sync([...this.producers, ...this.consumers]);
  }

  gathered(note: (order: number) => void): Promise<void> | undefined {
    return this.sync([...this.producers, ...this.consumers], note);
  }

  /** An item of this endpoint arrives: it had been accepted before whatever the endpoint has not answered yet. */
  noteArrival(far: Far, order: number): void {
    for (const { open, note } of this.syncs.values()) if (open.has(far)) note?.(order);
  }

  private sync(all: Far[], note?: (order: number) => void): Promise<void> | undefined {
    if (all.length === 0) return undefined;
    const request = ++this.lastSync;
    return new Promise((resolve) => {
      this.syncs.set(request, { open: new Set(all), done: resolve, note });
      for (const far of all) far.sync(request, this.home.epoch);
    });
  }

  synced(request: number, far: Far): void {
    const sync = this.syncs.get(request);
    if (sync === undefined) return;
    sync.open.delete(far);
    if (sync.open.size > 0) return;
    this.syncs.delete(request);
    sync.done();
  }
}

/** The far consumers' common place in their home's line for items. */
function placeInLine(owner: ItemServer): Taker {
  return {
    before: undefined,
    after: undefined,
    inLine: false,
    owner,
    held: -1,
    ahead: true,
    partial: false,
    holds: false,
    give: () => undefined,
    end: () => undefined,
    fail: () => undefined,
  };
}
