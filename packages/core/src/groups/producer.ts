import type { CheckAt } from '../contracts/queue-contract.js';
import { hasCode, MillraceError } from '../errors/error.js';
import { reviveError } from '../errors/revive.js';
import { checkBackoff, type BackoffOptions } from '../loops/backoff.js';
import type { ProducerArgs, ItemOf, MessageOf, ProducerEntry, ReportOf } from '../loops/entry.js';
import { FAILED, type FromLoop, isFailed, type ProducerStart, type Report } from '../loops/wire.js';
import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import type { ProducerSlot } from '../queues/slots.js';
import { asyncDispose } from '../queues/travel.js';
import { checkCount, checkDuration, type WaitOptions } from '../queues/waits.js';
import type { QueueStats } from '../transport/backend.js';
import type { HostArgs, WorkerRef } from '../workers/ref.js';
import { Group, type GroupOptions, type MessageOption } from './group.js';
import { type Feed, Mailbox } from './mailbox.js';
import type { EarlyMessage, Kit } from './run.js';
import { Subscriptions } from './subscriptions.js';

export interface ProducerOptions extends GroupOptions {
  /**
   * How many items are made ahead, 1 or more: what `get` and iterating take from. `false` for a producer that has only
   * subscribers. Default 16.
   */
  readonly outbox?: number | false | undefined;
  /** From the start of a step to the start of the next, at the least, in ms. Default 0: as fast as there is room. */
  readonly interval?: number | undefined;
  /** Before the first step, in ms. Default 0. */
  readonly initialDelay?: number | undefined;
  /** How long, in ms, a step may take, until the worker counts as failed. Default: any time. */
  readonly timeout?: number | undefined;
  /**
   * What comes after an error in a step, which in any case takes its item's place in the outbox: go on (with backoff when
   * it repeats), stop, or count as failed, to be restarted. Default `'continue'`.
   */
  readonly onError?: 'continue' | 'stop' | 'restart' | undefined;
  /** Between steps that fail one after the other. */
  readonly backoff?: BackoffOptions | undefined;
  /** How many messages are kept while nobody iterates over them. Default 1,000. */
  readonly feed?: number | undefined;
}

/** The arguments, which may be left out where the worker takes none. */
export type ArgsOption<Args> = undefined extends Args ? { readonly args?: HostArgs<Args> | undefined } : { readonly args: HostArgs<Args> };

/**
 * Runs `work` again and again by itself, and keeps what it makes in a bounded outbox, or puts it to subscribers' queues, or
 * both. While the outbox is full, or a subscriber's queue that waits, it idles.
 *
 * The constructor throws `BAD_OPTION`.
 *
 * @example
 * ```ts
 * // count.ts
 * import type { ProducerContext } from '@millrace/core';
 *
 * export default class Count {
 *   private n = 0;
 *
 *   work() {
 *     return this.n++;
 *   }
 *
 *   async onMessage(n: number, context: ProducerContext) {
 *     this.n = n;
 *     await context.flush();
 *   }
 * }
 * ```
 *
 * ```ts run
 * // main.ts
 * import { defineWorker, memory, Producer } from '@millrace/core';
 *
 * const count = new Producer(defineWorker(() => import('./count.js')), { transport: memory(), outbox: 10 });
 * await count.start();
 * console.log(await count.get(), await count.get()); // prints: 0 1
 * await count.send(50);
 * console.log(await count.get(), await count.get()); // prints: 50 51
 * await count.stop();
 * ```
 */
export class Producer<Entry extends ProducerEntry> extends Group implements AsyncIterable<ItemOf<Entry>> {
  /** What the worker sends by `context.message`. */
  readonly messages: Feed<ReportOf<Entry>>;

  private readonly given: ProducerOptions & { readonly args?: unknown };
  private readonly mailbox: Mailbox<ReportOf<Entry>>;
  private outbox: IterableQueue<unknown> | undefined;
  private reader: ConsumerEndpoint<unknown> | undefined;
  private readonly subscriptions = new Subscriptions((queue, error) => {
    this.events.emit('unsubscribed', { worker: this.name, queue, error });
  });
  private readonly early: EarlyMessage[] = [];

  constructor(worker: WorkerRef<Entry>, options: ProducerOptions & ArgsOption<ProducerArgs<Entry>> & MessageOption<MessageOf<Entry>>) {
    super('producer', worker, options);
    this.given = options;
    if (options.outbox !== undefined && options.outbox !== false) checkCount('outbox', options.outbox);
    checkDuration('interval', options.interval);
    checkDuration('initialDelay', options.initialDelay);
    checkDuration('timeout', options.timeout);
    checkBackoff('backoff', options.backoff);
    this.mailbox = new Mailbox(this.runtime, options.feed ?? 1000);
    this.messages = this.mailbox;
  }

  /**
   * Starts it, and resolves when `onStart` is done. Each start is a new run, with a new outbox. Throws `WORKER_RUNNING`;
   * rejects with `WORKER_START_FAILED`, `WORKER_LOAD_FAILED` and its like.
   */
  start(args: HostArgs<ProducerArgs<Entry>> | undefined = this.given.args as HostArgs<ProducerArgs<Entry>> | undefined): Promise<void> {
    return this.begin(args, () => this.early.splice(0));
  }

  /**
   * Takes the next item, waiting until there is one. Throws what a step threw, at its place in the order, as `WORK_FAILED`;
   * `QUEUE_ENDED` once the worker has stopped and nothing is left; the worker's failure once it is gone for good;
   * `WORKER_NOT_RUNNING` before the first start; `ABORTED`, `TIMED_OUT`.
   */
  async get(options?: WaitOptions): Promise<ItemOf<Entry>> {
    const item = await this.orFailure(() => this.out().get(options));
    return this.checked(item);
  }

  /** Takes an item if one is there, in an object; undefined when none is there now. Throws as `get` does. */
  async tryGet(): Promise<{ readonly value: ItemOf<Entry> } | undefined> {
    const found = await this.orFailure(async () => this.out().tryGet());
    return found === undefined ? undefined : { value: this.checked(found.value) };
  }

  /**
   * Iterates over the items until the worker has stopped; leaving the loop gives back the item that it has in hand. Throws
   * what a step threw (another iteration goes on from there), and the failure of a worker that is gone for good.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ItemOf<Entry>, undefined> {
    const { end } = this;
    const items = this.out().deliveries();
    try {
      for (;;) {
        const { done, value: delivery } = await this.attend(() => items.next());
        if (done === true) break;
        // It has been seen, and is not to come again.
        if (isFailed(delivery.value)) delivery.ack();
        yield this.checked(delivery.value);
        delivery.ack();
      }
    } finally {
      await items.return?.();
    }
    const failure = await this.attend(() => end);
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /**
   * Sends a message, and resolves once the worker has handled it: between two steps; before the first one when it is sent
   * before the start. When the handler flushed, the next `get` gives an item that was made afterwards. Of several workers,
   * all get it. Rejects with `VALUE_INVALID`, `MESSAGE_FAILED`, `MESSAGE_UNHANDLED`, or what ended the worker.
   */
  send(message: MessageOf<Entry>): Promise<void> {
    return this.ifValid(message, (checked) => {
      if (this.run !== undefined) return this.sendAll(checked);
      return new Promise((resolve, reject) => {
        this.early.push({
          message: checked,
          settle: (handled) => {
            handled.then(() => {
              resolve();
            }, reject);
          },
        });
      });
    });
  }

  /**
   * Puts every item made from now on to this queue too. A queue that waits slows the producer down when it is full; a lossy
   * one, and one that is not ready, does not. Subscribing twice is the same as once.
   */
  subscribe(queue: IterableQueue<ItemOf<Entry>, ItemOf<Entry>, CheckAt>): void {
    this.subscriptions.add(queue as unknown as IterableQueue<unknown>, this.run?.live());
  }

  /** Puts nothing more to this queue. Harmless when it is not subscribed. */
  unsubscribe(queue: IterableQueue<ItemOf<Entry>, ItemOf<Entry>, CheckAt>): void {
    this.subscriptions.remove(queue as unknown as IterableQueue<unknown>, this.run?.live() ?? []);
  }

  /** The counts of its outbox: `size` is how many items are made ahead, `put` how many were made. Throws as `get` does. */
  async stats(): Promise<QueueStats> {
    this.out();
    return await this.outbox!.stats();
  }

  protected open(args: unknown): Kit {
    const { given } = this;
    this.forgetOutbox();
    this.mailbox.renew();
    const slot = given.outbox === false ? undefined : this.openOutbox(given.outbox ?? 16);
    this.subscriptions.open();
    const start: Omit<ProducerStart, 'outbox' | 'subscribers' | 'instance' | 'attempt' | 'reports' | 'early'> = {
      args,
      timeout: given.timeout ?? Infinity,
      interval: given.interval ?? 0,
      initialDelay: given.initialDelay ?? 0,
      onError: given.onError ?? 'continue',
      backoff: given.backoff ?? {},
    };
    return {
      role: 'producer',
      args: () => ({
        ...start,
        outbox: slot,
        subscribers: this.subscriptions.slots(),
      }),
      close: () => {
        slot?.close();
        this.subscriptions.close();
      },
      end: () => {
        this.mailbox.end();
      },
    };
  }

  private openOutbox(capacity: number): ProducerSlot<unknown> {
    const outbox = new IterableQueue<unknown>({ transport: this.options.transport, name: `${this.name}/outbox`, exclusive: true, capacity });
    const slot = outbox.producerSlot();
    outbox.close();
    this.outbox = outbox;
    this.reader = outbox.consumer();
    return slot;
  }

  /** What nobody took of the last run. */
  private forgetOutbox(): void {
    void this.outbox?.[asyncDispose]();
    this.outbox = undefined;
    this.reader = undefined;
  }

  /** Stops it, and gives up its outbox with what is in it. It may be started again. */
  override async [asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      if (this.run === undefined) this.forgetOutbox();
    }
  }

  protected heardReport(report: Report): void {
    this.mailbox.push(report.value as ReportOf<Entry>);
  }

  protected heard(instance: number, message: FromLoop): boolean {
    if (message.kind === 'flush') {
      void this.flushed(instance, message.id);
      return true;
    }
    if (message.kind !== 'unsubscribed') return false;
    this.subscriptions.lost(message.key, message.error);
    return true;
  }

  /** The outbox is emptied here, where it lives; the handler that asked for it goes on when it is. */
  private async flushed(instance: number, id: number): Promise<void> {
    let error: unknown;
    try {
      await this.outbox?.clear();
    } catch (failed) {
      error = failed;
    }
    const asker = this.run?.live().find(({ index }) => index === instance);
    asker?.tell(error === undefined ? { kind: 'flushed', id } : { kind: 'flushed', id, error });
  }

  private out(): ConsumerEndpoint<unknown> {
    if (this.given.outbox === false)
      throw new MillraceError('CAPABILITY_MISSING', `${this.name} has no outbox: give it one, or subscribe a queue.`, { worker: this.name });
    if (this.reader === undefined) throw this.notRunning('There is nothing to get');
    return this.reader;
  }

  /** The end of the outbox is the worker's: if that failed, this is what to say. */
  private orFailure<Result>(take: () => Promise<Result>): Promise<Result> {
    const { end } = this;
    return this.attend(async () => {
      try {
        return await take();
      } catch (error) {
        throw (hasCode(error, 'QUEUE_ENDED') ? await end : undefined) ?? error;
      }
    });
  }

  private checked(item: unknown): ItemOf<Entry> {
    if (!isFailed(item)) return item as ItemOf<Entry>;
    throw reviveError(
      item[FAILED],
      (cause) => new MillraceError('WORK_FAILED', `A step of ${this.name} failed.`, { worker: this.name }, cause),
    );
  }
}
