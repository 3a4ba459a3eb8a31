import type { MillraceError } from '../errors/error.js';
import type { Delivery } from '../queues/delivery.js';
import type { DeliveryBatches } from '../queues/consumer-endpoint.js';
import { delay } from './backoff.js';
import type { ConsumerContext, LoopContext } from './context.js';
import { Loop } from './loop.js';
import type { ConsumerStart, ToLoop } from './wire.js';

/** Works on one batch after the other, until the queue ends or it is told to stop. */
export class ConsumerLoop extends Loop<ConsumerStart> {
  private batches: DeliveryBatches<unknown> | undefined;
  private working = 0;
  private draining = false;
  private handling: Promise<void> | undefined;
  /** Lanes that wait until nothing is in work. */
  private readonly quietWaits: (() => void)[] = [];
  private failure: { error: unknown } | undefined;

  protected readonly context: LoopContext = this.makeContext();

  protected override heard(message: ToLoop): void {
    if (message.kind === 'drain') {
      this.draining = true;
      this.batches?.drain();
    } else super.heard(message);
  }

  protected override stopSoon(): void {
    super.stopSoon();
    // What is gathered and not begun goes back.
    void this.batches?.return?.();
  }

  protected override wake(): void {
    super.wake();
    if (this.working === 0 && this.hasMail) void this.handleNow();
  }

  protected async loop(): Promise<void> {
    const { input, batchSize, interval, concurrency } = this.start;
    await this.handleNow();
    if (this.stopping) return;
    const batches = input.deliveryBatches({ max: batchSize, within: interval });
    this.batches = batches;
    if (this.draining) batches.drain();
    await Promise.all(Array.from({ length: concurrency }, () => this.lane(batches)));
    await this.handleNow();
    if (this.failure !== undefined) throw this.failure.error;
  }

  private async lane(batches: DeliveryBatches<unknown>): Promise<void> {
    try {
      for (;;) {
        const { done, value: batch } = await batches.next();
        if (done === true) return;
        await this.mailFirst();
        this.working++;
        try {
          await this.process(batch);
        } finally {
          this.working--;
          if (this.working === 0) for (const go of this.quietWaits.splice(0)) go();
        }
        await this.mailFirst();
      }
    } catch (error) {
      this.failure ??= { error };
      this.stopSoon();
    }
  }

  /** Messages come before the next batch, and never within one. */
  private async mailFirst(): Promise<void> {
    while (this.hasMail || this.handling !== undefined) {
      if (this.working === 0) await this.handleNow();
      else
        await new Promise<void>((resolve) => {
          this.quietWaits.push(resolve);
        });
    }
  }

  private handleNow(): Promise<void> {
    return (this.handling ??= this.handleMail().finally(() => {
      this.handling = undefined;
    }));
  }

  private async process(batch: readonly Delivery<unknown>[]): Promise<void> {
    const { retries, backoff, then } = this.start;
    for (let tries = 1; ; tries++) {
      const open = batch.filter(isOpen);
      if (open.length === 0) return;
      let failed: MillraceError;
      try {
        const result = await this.timed('A batch', () => this.hooks.work(open.map(({ value }) => value), this.contextFor(open, tries)));
        if (result !== undefined) await this.report('result', result);
        for (const delivery of open.filter(isOpen)) delivery.ack();
        return;
      } catch (error) {
        failed = this.failed('A batch', error);
      }
      await this.report('error', failed);
      const left = open.filter(isOpen);
      const giveBack = (): void => {
        for (const delivery of left.filter(isOpen)) delivery.nack(failed);
      };
      // A batch that took too long may still be at work: the worker is not to begin another beside it.
      if (failed.code === 'WORK_TIMED_OUT') {
        giveBack();
        throw failed;
      }
      if (tries <= retries) {
        if (await this.pause(delay(backoff, tries))) continue;
        giveBack();
        return;
      }
      if (then === 'dead-letter') for (const delivery of left) delivery.reject(failed);
      else giveBack();
      if (then === 'stop') this.tell({ kind: 'halt' });
      if (then === 'stop' || then === 'restart') throw failed;
      return;
    }
  }

  /** Waits so many ms; answers whether they have passed, and it is not to stop. */
  private pause(ms: number): Promise<boolean> {
    const { runtime, signal } = this.host;
    if (this.stopping) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (): void => {
        runtime.clearTimer(timer);
        signal.removeEventListener('abort', end);
        resolve(!this.stopping);
      };
      const timer = runtime.setTimer(end, ms);
      signal.addEventListener('abort', end);
    });
  }

  private contextFor(deliveries: readonly Delivery<unknown>[], tries: number): ConsumerContext {
    return Object.assign(Object.create(this.context) as LoopContext, { deliveries, tries });
  }

  private makeContext(): LoopContext {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- its getter is asked later
    const loop = this;
    const { host, start } = this;
    return {
      id: host.id,
      instance: start.instance,
      attempt: start.attempt,
      signal: host.signal,
      get started() {
        return loop.started;
      },
      message: (value) => this.report('message', value),
      stop: () => {
        this.stopSoon();
      },
    };
  }
}

/** The user's work may have settled it by itself. */
function isOpen({ settled }: Delivery<unknown>): boolean {
  return !settled;
}
