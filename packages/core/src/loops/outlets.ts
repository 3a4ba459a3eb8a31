import { hasCode } from '../errors/error.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { platform } from '../runtime/runtime.js';
import type { PutAnswer } from '../transport/backend.js';
import { isThenable } from './loop.js';

type Controller = InstanceType<typeof platform.AbortController>;

interface Outlet {
  readonly out: ProducerEndpoint<unknown>;
  /** Undefined for the outbox. */
  readonly key: number | undefined;
  /** It had no room, and will say when it has. */
  full: boolean;
  /** Gives up the put that waits. */
  waiting: Controller | undefined;
}

/** Whom the outlets belong to. */
interface Owner {
  /** Something has changed: there may be room, or a put that waited is over. */
  wake(): void;
  /** A subscriber's queue takes no more. */
  lost(key: number, error: unknown): void;
}

/** Where a producer's items go: its outbox, and its subscribers' queues. */
export class Outlets {
  /** Puts that wait. */
  pending = 0;
  /** Items that were given up, since the producer stops and there was no room for them. */
  givenUp = 0;
  private readonly owner: Owner;
  private readonly outbox: Outlet | undefined;
  private readonly subscribers = new Map<number, Outlet>();
  private all: readonly Outlet[] = [];
  /** Why there is no outbox any more: without it there is nothing to work for. */
  private failure: { readonly error: unknown } | undefined;

  constructor(owner: Owner, outbox: ProducerEndpoint<unknown> | undefined) {
    this.owner = owner;
    if (outbox !== undefined) this.outbox = outlet(outbox, undefined);
    this.list();
  }

  add(key: number, out: ProducerEndpoint<unknown>): void {
    this.subscribers.set(key, outlet(out, key));
    this.list();
  }

  /** Nothing goes there any more; what was put before arrives. */
  async remove(key: number): Promise<void> {
    const removed = this.subscribers.get(key);
    this.subscribers.delete(key);
    this.list();
    try {
      await removed?.out.close();
    } catch {
      // It is gone anyway.
    }
  }

  /** No news of them is of interest from now on: what they were given is closed. */
  end(): void {
    this.all = [];
  }

  private list(): void {
    this.all = [...(this.outbox === undefined ? [] : [this.outbox]), ...this.subscribers.values()];
  }

  /** Throws when the outbox is lost. */
  check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Whether every outlet has room; if not, its owner is woken when it is worth asking again. */
  hasRoom(): boolean {
    for (const outlet of this.all) if (!this.roomIn(outlet)) return false;
    this.check();
    return true;
  }

  private roomIn(outlet: Outlet): boolean {
    if (outlet.full) return false;
    let room: Promise<void> | undefined;
    try {
      room = outlet.out.whenRoom();
    } catch (error) {
      this.lost(outlet, error);
      return true;
    }
    if (room === undefined) return true;
    outlet.full = true;
    room.then(
      () => {
        outlet.full = false;
        this.owner.wake();
      },
      (error: unknown) => {
        outlet.full = false;
        this.lost(outlet, error);
      },
    );
    return false;
  }

  /** Puts an item to the outbox and to every subscriber. Throws `VALUE_NOT_CLONEABLE`. */
  put(item: unknown): void {
    for (const outlet of this.all) this.putTo(outlet, item);
  }

  putToOutbox(item: unknown): void {
    if (this.outbox !== undefined) this.putTo(this.outbox, item);
  }

  private putTo(outlet: Outlet, item: unknown): void {
    let answer: PutAnswer | Promise<PutAnswer>;
    let waiting: Controller | undefined;
    try {
      if (this.roomIn(outlet)) answer = outlet.out.put(item);
      else {
        waiting = outlet.waiting = new platform.AbortController();
        answer = outlet.out.put(item, { signal: waiting.signal });
      }
    } catch (error) {
      if (hasCode(error, 'VALUE_NOT_CLONEABLE')) throw error;
      this.lost(outlet, error);
      return;
    }
    if (!isThenable(answer)) return;
    this.pending++;
    const over = (): void => {
      this.pending--;
      outlet.waiting = undefined;
      this.owner.wake();
    };
    answer.then(over, (error: unknown) => {
      if (waiting?.signal.aborted !== true) this.lost(outlet, error);
      over();
    });
  }

  /** The outbox is flushed: what waits to get in was made before. */
  forgetOutbox(): void {
    this.outbox?.waiting?.abort();
  }

  /** The producer stops: nothing is waited for any more. */
  giveUp(): void {
    for (const { waiting } of this.all) {
      if (waiting === undefined || waiting.signal.aborted) continue;
      this.givenUp++;
      waiting.abort();
    }
  }

  /** A subscriber that is no more is dropped, and the host hears why. */
  private lost(outlet: Outlet, error: unknown): void {
    if (!this.all.includes(outlet)) return;
    if (outlet.key === undefined) this.failure ??= { error };
    else {
      this.subscribers.delete(outlet.key);
      this.list();
      this.owner.lost(outlet.key, error);
    }
    this.owner.wake();
  }
}

function outlet(out: ProducerEndpoint<unknown>, key: number | undefined): Outlet {
  return { out, key, full: false, waiting: undefined };
}
