import type { DeliveryBatches } from '../queues/consumer-endpoint.js';
import type { Delivery } from '../queues/delivery.js';
import type { MillraceError } from '../errors/error.js';
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
  /** Pauses that a stop cuts short. */
  private readonly pauses = new Set<() => void>();
  private failure: { error: unknown } | undefined;

  protected readonly context: LoopContext = this.baseContext();

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
    for (const end of this.pauses) end();
  }

  protected override wake(): void {
    super.wake();
    if (this.working === 0) void this.mail();
  }

  protected async loop(): Promise<void> {
    const { input, batchSize, interval, concurrency } = this.start;
    await this.mail();
    if (this.stopping) return;
    const { itemSchema, propagation } = this.hooks;
    if (propagation !== undefined) input.traced(propagation);
    const checked = itemSchema === undefined ? input : input.checked(itemSchema);
    const batches = checked.deliveryBatches({ max: batchSize, within: interval });
    this.batches = batches;
    if (this.draining) batches.drain();
    await Promise.all(Array.from({ length: concurrency }, () => this.lane(batches)));
    await this.mail();
    if (this.failure !== undefined) throw this.failure.error;
  }

  private async lane(batches: DeliveryBatches<unknown>): Promise<void> {
    let failures = 0;
    try {
      for (;;) {
        const { done, value: batch } = await batches.next();
        if (done === true) return;
        // Asked again in the very turn in which the work begins: messages come before it, and never within.
        for (let busy = this.mail(); busy !== undefined; busy = this.mail()) await busy;
        this.working++;
        let requeued: boolean;
        try {
          requeued = await this.process(batch);
        } finally {
          this.working--;
          if (this.working === 0) for (const go of this.quietWaits.splice(0)) go();
        }
        failures = requeued ? failures + 1 : 0;
        // It may come straight back.
        if (requeued) await this.pause(delay(this.start.backoff, failures));
        for (let busy = this.mail(); busy !== undefined; busy = this.mail()) await busy;
      }
    } catch (error) {
      this.failure ??= { error };
      this.stopSoon();
    }
  }

  /** Handles messages once nothing is in work; resolves when it is worth asking again, undefined when there are none. */
  private mail(): Promise<void> | undefined {
    if (this.handling !== undefined) return this.handling;
    if (!this.hasMail || !this.running) return undefined;
    if (this.working > 0)
      return new Promise<void>((resolve) => {
        this.quietWaits.push(resolve);
      });
    return (this.handling = this.handleMail().finally(() => {
      this.handling = undefined;
    }));
  }

  /** Works on a batch until it is settled; answers whether it went back to the queue since it failed. */
  private async process(batch: readonly Delivery<unknown>[]): Promise<boolean> {
    const { retries, backoff, then } = this.start;
    for (let tries = 1; ; tries++) {
      const failed = await this.attempt(batch, tries);
      if (failed === undefined) return false;
      await this.report('error', failed);
      const left = batch.filter((delivery) => !delivery.settled);
      if (left.length === 0) return false;
      const giveBack = (): void => {
        for (const delivery of left) if (!delivery.settled) delivery.nack(failed);
      };
      // A batch that took too long may still be at work: the worker is not to begin another beside it.
      if (failed.code === 'WORK_TIMED_OUT') {
        giveBack();
        throw failed;
      }
      if (tries <= retries) {
        await this.pause(delay(backoff, tries));
        if (!this.stopping) continue;
        giveBack();
        return false;
      }
      if (then === 'dead-letter') for (const delivery of left) delivery.reject(failed);
      else giveBack();
      if (then === 'stop') this.tell({ kind: 'halt' });
      if (then === 'stop' || then === 'restart') throw failed;
      return then === 'requeue';
    }
  }

  /** Works once on what is not settled of a batch; answers what went wrong. */
  private async attempt(batch: readonly Delivery<unknown>[], tries: number): Promise<MillraceError | undefined> {
    const open = batch.filter((delivery) => !delivery.settled);
    if (open.length === 0) return undefined;
    let result: unknown;
    try {
      const context = this.contextFor(open, tries);
      const { hooks } = this;
      const work = (): unknown =>
        hooks.work(
          open.map(({ value }) => value),
          context,
        );
      const { propagation } = hooks;
      result = await this.timed('A batch', () =>
        propagation?.extract === undefined ? work() : propagation.extract(open.map(({ headers }) => headers), work),
      );
    } catch (error) {
      return this.failed('A batch', error);
    }
    if (result !== undefined) await this.report('result', result);
    for (const delivery of open) if (!delivery.settled) delivery.ack();
    return undefined;
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopping) return;
    const { runtime } = this.host;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.pauses.delete(end);
        runtime.clearTimer(timer);
        resolve();
      };
      const timer = runtime.setTimer(end, ms);
      this.pauses.add(end);
    });
  }

  private contextFor(deliveries: readonly Delivery<unknown>[], tries: number): ConsumerContext {
    return Object.assign(Object.create(this.context) as LoopContext, { deliveries, tries });
  }
}
