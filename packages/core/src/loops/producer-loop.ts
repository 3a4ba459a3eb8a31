import { Contract, valueOf } from '../contracts/contract.js';
import { hasCode, MillraceError } from '../errors/error.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { delay } from './backoff.js';
import { type ProducerContext, SKIP } from './context.js';
import { isThenable, Loop, plain } from './loop.js';
import { Outlets } from './outlets.js';
import { FAILED, type Failed, type ProducerStart, type ToLoop } from './wire.js';

/** After so many steps that waited for nothing, look whether others want to run. */
const STEPS_BETWEEN_LOOKS = 64;
/** How long, in ms, steps may follow one another without a turn for others. */
const LONGEST_TURN = 5;

/** Makes one item after the other, as fast as there is room for them. */
export class ProducerLoop extends Loop<ProducerStart> {
  private readonly outlets = new Outlets(
    {
      wake: () => {
        this.wake();
      },
      lost: (key, error) => {
        this.tell({ kind: 'unsubscribed', key, error });
      },
    },
    this.start.outbox,
  );
  /** What its items have to match. */
  private contract: Contract | undefined;
  private notBefore = 0;
  private failures = 0;
  private steps = 0;
  private turnStart = 0;
  private flushes = 0;
  private readonly flushWaits = new Map<number, (error: unknown) => void>();

  protected readonly context: ProducerContext<unknown> = Object.assign(this.baseContext(), {
    skip: SKIP,
    flush: () => this.flush(),
    onMessage: (handler: (message: unknown) => unknown) => {
      this.handleWith(handler);
    },
  } as const);

  protected override heard(message: ToLoop): void {
    switch (message.kind) {
      case 'subscribe':
        this.enqueue(async () => {
          this.subscribe(message.key, message.out);
        });
        return;
      case 'unsubscribe':
        this.enqueue(() => this.outlets.remove(message.key));
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
    const { start, host, outlets } = this;
    const { itemSchema, propagation } = this.hooks;
    if (propagation !== undefined) start.outbox?.traced(propagation);
    if (itemSchema !== undefined) this.contract = new Contract(itemSchema);
    for (const { key, out } of start.subscribers) this.subscribe(key, out);
    if (start.initialDelay > 0) this.notBefore = host.runtime.now() + start.initialDelay;
    try {
      for (;;) {
        while (this.hasMail) await this.handleMail();
        if (this.stopping) return;
        const early = this.notBefore > 0 ? this.notBefore - host.runtime.now() : 0;
        if (early > 0) await this.sleep(early);
        else if (!outlets.hasRoom()) await this.idle();
        else await this.step();
        if (++this.steps % STEPS_BETWEEN_LOOKS === 0) await this.yieldTurn();
      }
    } finally {
      outlets.end();
    }
  }

  private subscribe(key: number, out: ProducerEndpoint<unknown>): void {
    // What goes there was judged when it was made.
    if (this.contract !== undefined) out.trusted();
    if (this.hooks.propagation !== undefined) out.traced(this.hooks.propagation);
    this.outlets.add(key, out);
  }

  private async judged(item: unknown, contract: Contract): Promise<unknown> {
    const { id } = this.host;
    return valueOf(await contract.judge(item, `The item that ${id} made`, { worker: id }));
  }

  private async step(): Promise<void> {
    const { interval } = this.start;
    this.notBefore = interval > 0 ? this.host.runtime.now() + interval : 0;
    try {
      const made = this.timed('A step', () => this.hooks.work(this.context));
      const item = isThenable(made) ? await made : made;
      if (item !== SKIP) this.outlets.put(this.contract === undefined ? item : await this.judged(item, this.contract));
      this.failures = 0;
    } catch (error) {
      await this.stepFailed(this.failed('A step', error));
    }
    this.release();
    if (this.outlets.pending > 0) await this.puttingDone();
  }

  private async stepFailed(failed: MillraceError): Promise<void> {
    const { onError, backoff } = this.start;
    // The host hears of it at once; whoever takes the items, at its place among them.
    await this.report('error', failed);
    this.publishFailure(failed);
    await this.puttingDone();
    // One that took too long may still run: the next is not begun beside it.
    if (failed.code === 'WORK_TIMED_OUT' || onError === 'restart') throw failed;
    if (onError === 'stop') {
      this.tell({ kind: 'halt' });
      throw failed;
    }
    if (++this.failures > 1) this.notBefore = Math.max(this.notBefore, this.host.runtime.now() + delay(backoff, this.failures - 1));
  }

  /** The error takes the place of the item that was to be made. */
  private publishFailure(error: MillraceError): void {
    const failed = (value: unknown): Failed => ({ [FAILED]: value });
    try {
      this.outlets.putToOutbox(failed(error));
    } catch (unfit) {
      if (!hasCode(unfit, 'VALUE_NOT_CLONEABLE')) throw unfit;
      this.outlets.putToOutbox(failed(plain(error)));
    }
  }

  /** Messages are handled while items wait to be put; and when it is to stop, they are not waited for. */
  private async puttingDone(): Promise<void> {
    const { outlets } = this;
    while (outlets.pending > 0) {
      if (this.hasMail) {
        await this.handleMail();
        continue;
      }
      if (this.stopping) outlets.giveUp();
      await this.idle();
    }
    const { givenUp } = outlets;
    outlets.givenUp = 0;
    if (givenUp > 0) {
      const { id } = this.host;
      const message = `Worker ${id} was told to stop while its item waited for room, and gave it up: ${String(givenUp)} of its queues did not get it.`;
      await this.report('error', new MillraceError('ABORTED', message, { worker: id, queues: givenUp }));
    }
    outlets.check();
  }

  private flush(): Promise<void> {
    this.outlets.forgetOutbox();
    const id = ++this.flushes;
    return new Promise((resolve, reject) => {
      this.flushWaits.set(id, (error) => {
        if (error === undefined) resolve();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it came from elsewhere
        else reject(error);
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
}
