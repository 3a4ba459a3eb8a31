import { MillraceError } from '@millrace/core';
import {
  cloneApart,
  type Entered,
  enterWorker,
  type FromWorker,
  packErrors,
  presentable,
  type Received,
  receiveArgs,
  reviveError,
  type SentArgs,
  systemRuntime,
} from '@millrace/core/channels';
import { Worker } from 'node:worker_threads';
import type { Guarded } from './guard.js';
import type { ChildHome, ChildModule, ChildPlace } from './home.js';
import { type Begin, seal, type ToProcess, unseal } from './wire.js';

/** The descriptor that breaks when the parent is gone. */
const LIFELINE = 4;
/** By how much, in ms, the guard lets the process itself go first. */
const MARGIN = 1000;

/** The first file of every process: the worker in it, and its ties to the parent. */
class WorkerProcess {
  /** Everything that was told has left. */
  private told: Promise<void> = Promise.resolve();
  private heard: Promise<void> = Promise.resolve();
  private place: ChildPlace | undefined;
  private home: ChildHome | undefined;
  private entered: Entered | undefined;
  private grace = 0;
  private over: Promise<void> | undefined;
  private stopAsked = false;
  private dying = false;

  constructor() {
    process.on('message', (envelope) => {
      const message = unseal<ToProcess>(envelope);
      // One after the other: a home may take a while to open.
      if (message !== undefined) this.heard = this.heard.then(() => this.hear(message));
    });
    process.on('disconnect', () => {
      void this.orphaned();
    });
    process.on('uncaughtException', this.uncaught);
    process.on('SIGTERM', this.stop);
    // The terminal tells everybody; what is to be done about it is the parent's to say.
    process.on('SIGINT', ignore);
  }

  private async hear(message: ToProcess): Promise<void> {
    if (message.kind === 'begin') await this.begin(message);
    else if (message.kind === 'stop') this.stop();
    else {
      await this.prepare(message.sent);
      this.entered?.hear(message);
    }
  }

  private async begin({ start, child, grace }: Begin): Promise<void> {
    this.place = child;
    this.grace = grace;
    process.title = start.id;
    guard({ fd: LIFELINE, grace: grace + MARGIN });
    try {
      await this.prepare(start.sent);
    } catch (error) {
      this.tell({ kind: 'failed', error: packErrors(presentable(unreachable(start.id, error), cloneApart)) });
      this.over = this.finish();
      return;
    }
    this.entered = enterWorker({
      start,
      runtime: systemRuntime,
      clone: cloneApart,
      tell: this.tell,
      receive: this.receive,
      load: (url) => import(url),
    });
    if (this.stopAsked) this.entered.stop();
    this.over = this.finish(this.entered.over);
  }

  private async finish(over?: Promise<void>): Promise<void> {
    await over;
    await this.home?.close();
    await this.told;
    // From here on it is a process like any other: nothing of ours keeps it from ending.
    process.off('SIGTERM', this.stop);
    process.off('SIGINT', ignore);
    process.channel?.unref();
  }

  private async prepare({ travellers }: SentArgs): Promise<void> {
    if (travellers.length === 0 || this.home !== undefined || this.place === undefined) return;
    const { open } = (await import(this.place.module)) as ChildModule;
    this.home = await open(this.place.data);
  }

  private readonly receive = (sent: SentArgs): Received =>
    receiveArgs(sent, systemRuntime, (token) => {
      if (this.home === undefined) throw new Error('unreachable: no home was opened');
      return this.home.revive(token);
    });

  private readonly tell = (message: FromWorker): void => {
    this.told = new Promise((resolve) => {
      process.send?.(seal(message), undefined, undefined, () => {
        resolve();
      });
    });
  };

  private readonly stop = (): void => {
    this.stopAsked = true;
    this.entered?.stop();
  };

  /** As in a thread: the host hears of it, and it is not printed. What the user's own listener takes is the user's affair. */
  private readonly uncaught = (error: unknown): void => {
    if (this.dying || process.listenerCount('uncaughtException') > 1) return;
    this.dying = true;
    this.tell({ kind: 'uncaught', error: packErrors(presentable(error, cloneApart)) });
    void this.told.then(() => process.exit(1));
  };

  /** Nobody wants its result, but what it has in hand can still be finished. */
  private async orphaned(): Promise<void> {
    this.stop();
    await Promise.race([
      this.over,
      new Promise((resolve) => {
        setTimeout(resolve, this.over === undefined ? 0 : this.grace);
      }),
    ]);
    process.exit(1);
  }
}

function unreachable(id: string, cause: unknown): MillraceError {
  const message = `Worker ${id} cannot start: the way to its queues did not open: ${cause instanceof Error ? cause.message : String(cause)}`;
  return reviveError(cause, () => new MillraceError('WORKER_LOAD_FAILED', message, { worker: id }, cause));
}

function ignore(): void {
  // Kept alive on purpose.
}

function guard(workerData: Guarded): void {
  const thread = new Worker(new URL('./guard.js', import.meta.url), {
    workerData,
    // It runs nothing of the user's.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  thread.on('error', ignore);
  thread.unref();
}

if (process.send !== undefined) new WorkerProcess();
