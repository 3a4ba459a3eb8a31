import type { MillraceError } from '../errors/error.js';
import { hasCode } from '../errors/error.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { PutAnswer } from '../transport/backend.js';
import { platform } from '../runtime/runtime.js';
import { delay } from './backoff.js';
import { type ProducerContext, SKIP } from './context.js';
import { isThenable, Loop, plain, text } from './loop.js';
import { FAILED, type Failed, type ProducerStart, type ToLoop } from './wire.js';

/** Where items go: the outbox, or a subscriber's queue. */
interface Outlet {
  readonly out: ProducerEndpoint<unknown>;
  /** Undefined for the outbox. */
  readonly key: number | undefined;
  /** Set while it has no room: resolves, or is settled otherwise, when it is worth looking again. */
  full: Promise<void> | undefined;
}

type Controller = InstanceType<typeof platform.AbortController>;

/** After so many steps that waited for nothing, look whether others want to run. */
const STEPS_BETWEEN_LOOKS = 64;
/** How long, in ms, steps may follow one another without a turn for others. */
const LONGEST_TURN = 5;

/** Makes one item after the other, as fast as there is room for them. */
export class ProducerLoop extends Loop<ProducerStart> {
  private outbox: Outlet | undefined;
  private readonly subscribers = new Map<number, Outlet>();
  private outlets: Outlet[] = [];
  private notBefore = 0;
  private failures = 0;
  private steps = 0;
  private turnStart = 0;
  private flushes = 0;
  private readonly flushWaits = new Map<number, (error: unknown) => void>();
  /** Gives up what waits to be put: one for the outbox, one for all. */
  private giveUp: { readonly outbox: Controller; readonly all: Controller } | undefined;

  protected readonly context: ProducerContext<unknown> = this.makeContext();

  protected override heard(message: ToLoop): void {
    switch (message.kind) {
      case 'subscribe':
        this.enqueue(async () => {
          this.subscribe(message.key, message.out);
        });
        return;
      case 'unsubscribe':
        this.enqueue(async () => {
          await this.unsubscribe(message.key);
        });
        return;
      case 'flushed':
        this.flushWaits.get(message.id)?.(message.error);
        this.flushWaits.delete(message.id);
        return;
      default:
        super.heard(message);
    }
  }

  protected async loop(): Promise<void> {
    const { start, host } = this;
    if (start.outbox !== undefined) this.outbox = { out: start.outbox, key: undefined, full: undefined };
    for (const { key, out } of start.subscribers) this.subscribe(key, out);
    this.listOutlets();
    this.notBefore = host.runtime.now() + start.initialDelay;
    for (;;) {
      if (this.hasMail) await this.handleMail();
      if (this.stopping) return;
      const early = this.notBefore > 0 ? this.notBefore - host.runtime.now() : 0;
      const full = early > 0 ? undefined : this.firstFull();
      if (early > 0) await this.sleep(early);
      else if (full !== undefined) await this.idle(full);
      else await this.step();
      if (++this.steps % STEPS_BETWEEN_LOOKS === 0) await this.yieldTurn();
    }
  }

  private async step(): Promise<void> {
    const { interval, onError, backoff } = this.start;
    const { runtime } = this.host;
    this.notBefore = interval > 0 ? runtime.now() + interval : 0;
    let item: unknown;
    try {
      const made = this.timed('A step', () => this.hooks.work(this.context));
      item = isThenable(made) ? await made : made;
      if (item !== SKIP) await this.publish(item);
      this.failures = 0;
    } catch (error) {
      const failed = this.failed('A step', error);
      // It may still run: it is not begun a second time beside itself.
      const over = failed.code === 'WORK_TIMED_OUT' || onError === 'restart';
      if (!over) await this.publishFailure(failed);
      await this.report('error', failed);
      if (over) throw failed;
      if (onError === 'stop') {
        this.tell({ kind: 'halt' });
        throw failed;
      }
      if (++this.failures > 1) this.notBefore = Math.max(this.notBefore, runtime.now() + delay(backoff, this.failures - 1));
    }
  }

  // --- where items go ---------------------------------------------------------------------------------------------

  private subscribe(key: number, out: ProducerEndpoint<unknown>): void {
    this.subscribers.set(key, { out, key, full: undefined });
    this.listOutlets();
  }

  private async unsubscribe(key: number): Promise<void> {
    const outlet = this.subscribers.get(key);
    this.subscribers.delete(key);
    this.listOutlets();
    await outlet?.out.close();
  }

  private listOutlets(): void {
    this.outlets = [...(this.outbox === undefined ? [] : [this.outbox]), ...this.subscribers.values()];
  }

  /** Nothing is made before there is room for it wherever it goes. */
  private firstFull(): Promise<void> | undefined {
    for (const outlet of this.outlets) {
      const full = this.fullness(outlet);
      if (full !== undefined) return full;
    }
    return undefined;
  }

  private fullness(outlet: Outlet): Promise<void> | undefined {
    if (outlet.full !== undefined) return outlet.full;
    let room: Promise<void> | undefined;
    try {
      room = outlet.out.whenRoom();
    } catch (error) {
      this.lost(outlet, error);
      return undefined;
    }
    outlet.full = room?.then(
      () => {
        outlet.full = undefined;
      },
      (error: unknown) => {
        outlet.full = undefined;
        this.lost(outlet, error);
      },
    );
    return outlet.full;
  }

  private async publish(item: unknown): Promise<void> {
    let waits: Promise<void>[] | undefined;
    for (const outlet of this.outlets) {
      const wait = this.putTo(outlet, item);
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    if (waits !== undefined) await this.throughMail(Promise.all(waits));
  }

  /** Messages are handled while items wait to be put; and when it is to stop, they are not waited for. */
  private async throughMail(puts: Promise<unknown>): Promise<void> {
    const put = { done: false };
    const settled = puts.finally(() => {
      put.done = true;
      this.giveUp = undefined;
    });
    for (;;) {
      await this.idle(settled);
      if (put.done) break;
      await this.handleMail();
      if (this.stopping) this.giveUp?.all.abort();
    }
    await settled;
  }

  private putTo(outlet: Outlet, item: unknown): Promise<void> | undefined {
    let answer: PutAnswer | Promise<PutAnswer>;
    try {
      const mayWait = this.fullness(outlet) !== undefined;
      answer = mayWait ? outlet.out.put(item, { signal: this.signalFor(outlet) }) : outlet.out.put(item);
    } catch (error) {
      this.putFailed(outlet, error);
      return undefined;
    }
    if (typeof answer === 'string') return undefined;
    return answer.then(
      () => undefined,
      (error: unknown) => {
        this.putFailed(outlet, error);
      },
    );
  }

  private signalFor(outlet: Outlet): AbortSignal {
    if (this.giveUp === undefined) {
      const all = new platform.AbortController();
      const outbox = new platform.AbortController();
      all.signal.addEventListener('abort', () => {
        outbox.abort();
      });
      this.giveUp = { all, outbox };
    }
    return outlet.key === undefined ? this.giveUp.outbox.signal : this.giveUp.all.signal;
  }

  private putFailed(outlet: Outlet, error: unknown): void {
    // It was flushed before it was in, or the loop stops.
    if (hasCode(error, 'ABORTED')) return;
    if (hasCode(error, 'VALUE_NOT_CLONEABLE')) throw error;
    this.lost(outlet, error);
  }

  /** A subscriber that is no more is dropped, and the host hears why; without its outbox there is nothing to work for. */
  private lost(outlet: Outlet, error: unknown): void {
    if (outlet.key === undefined) throw error;
    this.subscribers.delete(outlet.key);
    this.listOutlets();
    this.tell({ kind: 'unsubscribed', key: outlet.key, error });
  }

  /** The error takes the place of the item that was to be made. */
  private async publishFailure(error: MillraceError): Promise<void> {
    if (this.outbox === undefined) return;
    const put = async (value: unknown): Promise<void> => {
      const failed: Failed = { [FAILED]: value };
      await this.throughMail(this.putTo(this.outbox!, failed) ?? Promise.resolve());
    };
    try {
      await put(error);
    } catch (unfit) {
      if (!hasCode(unfit, 'VALUE_NOT_CLONEABLE')) throw unfit;
      await put(plain(error));
    }
  }

  // --- the rest ---------------------------------------------------------------------------------------------------

  private flush(): Promise<void> {
    this.giveUp?.outbox.abort();
    const id = ++this.flushes;
    return new Promise((resolve, reject) => {
      this.flushWaits.set(id, (error) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(text(error)));
      });
      this.tell({ kind: 'flush', id });
    });
  }

  /** A producer that never waits must still hear of messages. */
  private async yieldTurn(): Promise<void> {
    const { runtime } = this.host;
    if (runtime.now() - this.turnStart < LONGEST_TURN) return;
    await new Promise<void>((resolve) => {
      runtime.defer(resolve);
    });
    this.turnStart = runtime.now();
  }

  private makeContext(): ProducerContext<unknown> {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- its getters are asked later
    const loop = this;
    const { host, start } = this;
    return {
      id: host.id,
      instance: start.instance,
      attempt: start.attempt,
      signal: host.signal,
      skip: SKIP,
      get started() {
        return loop.started;
      },
      message: (value) => this.report('message', value),
      stop: () => {
        this.stopSoon();
      },
      flush: () => this.flush(),
      onMessage: (handler) => {
        this.onMessage = handler;
      },
    };
  }
}
