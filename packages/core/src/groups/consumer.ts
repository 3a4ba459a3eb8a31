import type { CheckAt } from '../contracts/queue-contract.js';
import { MillraceError } from '../errors/error.js';
import { type BackoffOptions, checkBackoff } from '../loops/backoff.js';
import type { ConsumerEntry, ConsumerArgs, MessageOf, ReportOf, WorkedOf, WorkResult } from '../loops/entry.js';
import type { ConsumerStart, FromLoop, Report } from '../loops/wire.js';
import type { IterableQueue } from '../queues/iterable-queue.js';
import { ReadyQueue } from '../queues/ready-queue.js';
import { asyncDispose } from '../queues/travel.js';
import { checkCount, checkDuration } from '../queues/waits.js';
import { show, type QueueOptions } from '../transport/spec.js';
import type { HostArgs, WorkerRef } from '../workers/ref.js';
import { Group, type GroupOptions, type MessageOption } from './group.js';
import { type Feed, Mailbox } from './mailbox.js';
import type { ArgsOption } from './producer.js';
import type { Kit } from './run.js';

/** What becomes of a batch whose work throws. */
export interface RetryPolicy {
  /** How often the worker tries it again, with what is not settled of it. Default 2. */
  readonly retries?: number | undefined;
  /** Before each of these. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * After the last: to the queue's dead letters, back to the queue (where `maxDeliveries` counts), or back to the queue and
   * the worker stops or fails, to be restarted. Default `'dead-letter'`.
   */
  readonly then?: 'dead-letter' | 'requeue' | 'stop' | 'restart' | undefined;
}

/** Options, and nothing that is a queue: a queue of other items has a name too, and would pass for them. */
export type OwnQueue = QueueOptions & { readonly consumerSlot?: never };

export interface ConsumerOptions<T> extends GroupOptions {
  /**
   * Where its items come from: a queue, or the options of a ReadyQueue of its own. A ReadyQueue, its own or given, is ready
   * while it runs: when it stops, the queue takes nothing more, and keeps what was not begun for the next start
   * (`queue.setNotReady()` discards that). Default: one of its own.
   */
  readonly input?: IterableQueue<T, T, CheckAt> | OwnQueue | undefined;
  /** Items in a batch, at the most. Default 1. */
  readonly batchSize?: number | undefined;
  /** How long, in ms, a batch that has an item waits for more. Default 0: what is at hand makes a batch. */
  readonly interval?: number | undefined;
  /** Batches in work at a time, in each worker. Default 1. */
  readonly concurrency?: number | undefined;
  /** How long, in ms, a batch may take, until the worker counts as failed and its batch goes back. Default: any time. */
  readonly timeout?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** How many results, and how many messages, are kept while nobody iterates over them. Default 1,000. */
  readonly feed?: number | undefined;
}

/** How many running consumers have made a queue ready. */
const readied = new WeakMap<object, number>();

/**
 * Runs `work` on batches of items by itself: when `batchSize` items are there, when `interval` has passed with at least one,
 * and at the queue's end. What is in work is in hand: it is acknowledged when `work` resolves, and comes back when the worker
 * dies.
 *
 * The constructor throws `BAD_OPTION`.
 *
 * @example
 * ```ts
 * // average.ts
 * export default function average(values: readonly number[]) {
 *   return values.reduce((sum, value) => sum + value, 0) / values.length;
 * }
 * ```
 *
 * ```ts run
 * // main.ts
 * import { Consumer, defineWorker, memory } from '@millrace/core';
 *
 * const averages = new Consumer(defineWorker(() => import('./average.js')), { transport: memory(), batchSize: 3, interval: 50 });
 * averages.results.on((average) => console.log(average));
 * await averages.start();
 * await averages.queue.producer().putMany([1, 2, 3, 10]);
 * await averages.stopAtQueueEnd();
 * // prints: 2
 * // prints: 10
 * ```
 */
export class Consumer<Entry extends ConsumerEntry> extends Group {
  /** Where its items come from. */
  readonly queue: IterableQueue<WorkedOf<Entry>, WorkedOf<Entry>, CheckAt>;
  /** What `work` gave for each batch, unless it gave undefined. */
  readonly results: Feed<Exclude<WorkResult<Entry>, undefined | void>>;
  /** What the worker sends by `context.message`. */
  readonly messages: Feed<ReportOf<Entry>>;

  private readonly given: ConsumerOptions<WorkedOf<Entry>> & { readonly args?: unknown };
  private readonly ownsQueue: boolean;
  private readonly resultBox: Mailbox<Exclude<WorkResult<Entry>, undefined | void>>;
  private readonly messageBox: Mailbox<ReportOf<Entry>>;

  constructor(worker: WorkerRef<Entry>, options: ConsumerOptions<WorkedOf<Entry>> & ArgsOption<ConsumerArgs<Entry>> & MessageOption<MessageOf<Entry>>) {
    super('consumer', worker, options);
    const { input = {}, batchSize = 1, concurrency = 1, retry = {}, feed = 1000 } = options;
    checkCount('batchSize', batchSize);
    checkCount('concurrency', concurrency);
    checkDuration('interval', options.interval);
    checkDuration('timeout', options.timeout);
    checkBackoff('retry.backoff', retry.backoff);
    if (retry.retries !== undefined && !(Number.isSafeInteger(retry.retries) && retry.retries >= 0))
      throw new MillraceError('BAD_OPTION', `Option retry.retries is ${show(retry.retries)}; it must be a whole number from 0 up.`, {
        option: 'retry.retries',
        value: retry.retries,
      });
    this.given = options;
    this.ownsQueue = !isQueue(input);
    this.queue = isQueue(input) ? input : new ReadyQueue<WorkedOf<Entry>, WorkedOf<Entry>, CheckAt>({ name: `${this.name}/input`, exclusive: input.name === undefined, ...input, transport: options.transport });
    this.resultBox = new Mailbox(this.runtime, feed);
    this.messageBox = new Mailbox(this.runtime, feed);
    this.results = this.resultBox;
    this.messages = this.messageBox;
  }

  /**
   * Starts it, and resolves when `onStart` is done and its ReadyQueue is ready. Throws `WORKER_RUNNING`; rejects with
   * `WORKER_START_FAILED`, `WORKER_LOAD_FAILED` and its like.
   */
  start(args: HostArgs<ConsumerArgs<Entry>> | undefined = this.given.args as HostArgs<ConsumerArgs<Entry>> | undefined): Promise<void> {
    return this.begin(args);
  }

  /** Sends a message to all of its workers, and resolves once they have handled it: between two batches. */
  send(message: MessageOf<Entry>): Promise<void> {
    return this.ifValid(message, (checked) => this.sendAll(checked));
  }

  /**
   * Works on all that waits in the queue, runs `onStop`, and stops: also when the queue is empty. A ReadyQueue takes nothing
   * more meanwhile; from any other queue it works on until nothing waits. Resolves when it has stopped.
   */
  async stopAtQueueEnd(): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    this.setState('draining');
    if (this.queue instanceof ReadyQueue && (readied.get(this.queue) ?? 0) <= 1) await this.queue.refuse();
    for (const instance of run.live()) instance.drain();
    await this.whenState('stopped');
  }

  protected open(args: unknown): Kit {
    const { given, queue } = this;
    this.resultBox.renew();
    this.messageBox.renew();
    const slot = queue.consumerSlot();
    const { retry = {} } = given;
    const start: Omit<ConsumerStart, 'input' | 'instance' | 'attempt' | 'reports' | 'early'> = {
      args,
      timeout: given.timeout ?? Infinity,
      batchSize: given.batchSize ?? 1,
      interval: given.interval ?? 0,
      concurrency: given.concurrency ?? 1,
      retries: retry.retries ?? 2,
      backoff: retry.backoff ?? {},
      then: retry.then ?? 'dead-letter',
    };
    let ready = false;
    return {
      role: 'consumer',
      args: () => ({ ...start, input: slot }),
      started: () => {
        // Told to stop at the queue's end while it started, it takes nothing more.
        if (ready || !(queue instanceof ReadyQueue) || this.state === 'draining') return undefined;
        ready = true;
        readied.set(queue, (readied.get(queue) ?? 0) + 1);
        return queue.setReady();
      },
      close: () => {
        slot.close();
        if (!ready || !(queue instanceof ReadyQueue)) return;
        const others = (readied.get(queue) ?? 1) - 1;
        readied.set(queue, others);
        // One that was disposed of refuses everything.
        if (others === 0) queue.refuse().catch(() => undefined);
      },
      end: () => {
        this.resultBox.end();
        this.messageBox.end();
      },
    };
  }

  /** Stops it, and gives up the queue, if that is its own, with what is in it: it cannot be started again. */
  override async [asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      if (this.ownsQueue && this.run === undefined) await this.queue[asyncDispose]();
    }
  }

  protected heardReport(report: Report): void {
    if (report.kind === 'result') this.resultBox.push(report.value as Exclude<WorkResult<Entry>, undefined | void>);
    else this.messageBox.push(report.value as ReportOf<Entry>);
  }

  protected heard(_instance: number, _message: FromLoop): boolean {
    return false;
  }
}

function isQueue<T>(input: IterableQueue<T, T, CheckAt> | OwnQueue): input is IterableQueue<T, T, CheckAt> {
  return input.consumerSlot !== undefined;
}
