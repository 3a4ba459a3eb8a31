import type { Taken, TakenRun } from '../transport/backend.js';
import { type IterationOwner, Iteration, NOTHING } from './iteration.js';
import { checkCount, checkDuration, type WaitOptions } from './waits.js';

export interface BatchOptions extends WaitOptions {
  /** Items in a batch, at the most. Default 64. */
  readonly max?: number | undefined;
  /** How long, in ms, to wait for a batch to fill once it has an item. Default 0: what is at hand makes a batch. */
  readonly within?: number | undefined;
}

/** An iteration over batches: gathers items until there are enough of them, their time is up, or no more will come. */
export abstract class Gathering<Out> extends Iteration<Out> {
  override readonly holds = true;
  /** Whether what is gathered stays together until it is settled, so that it may come as runs. */
  protected readonly together: boolean = false;
  private gathered: Taken[] = [];
  /** How many items these are. */
  private count = 0;
  private readonly max: number;
  private within: number;
  private timer: unknown;
  private draining = false;

  constructor(endpoint: IterationOwner, options: BatchOptions = {}) {
    checkCount('max', options.max ?? 64);
    checkDuration('within', options.within);
    super(endpoint, options.signal === undefined && options.timeout === undefined ? undefined : options);
    this.max = options.max ?? 64;
    this.within = options.within ?? 0;
  }

  /** Makes a batch of what was gathered: user code gets it now. */
  protected abstract hand(gathered: readonly Taken[]): Out;

  get wants(): number {
    return this.max - this.count;
  }

  /** How many items are gathered and not handed out. */
  protected get unseen(): number {
    return this.count;
  }

  /**
   * From now on nothing is waited for: what is gathered or at hand is handed over, and the iteration ends when no item waits
   * anywhere.
   */
  drain(): void {
    if (this.draining) return;
    this.draining = true;
    this.within = 0;
    if (!this.waits) return;
    this.endpoint.backend.unpark(this);
    this.progress();
  }

  get asksOn(): boolean {
    return this.draining;
  }

  protected gather(): Out | typeof NOTHING {
    const { backend, runtime } = this.endpoint;
    const { max } = this;
    while (this.count < max) {
      const taken = (this.together ? backend.takeRun?.(max - this.count) : undefined) ?? backend.take(true);
      if (taken === undefined) break;
      this.accept(taken);
    }
    if (this.count === 0) return NOTHING;
    if (this.count >= max || this.within === 0) return this.handOver();
    this.partial = true;
    if (this.within === Infinity) return NOTHING;
    this.timer ??= runtime.setTimer(() => {
      this.timer = undefined;
      this.cut();
    }, this.within);
    return NOTHING;
  }

  protected accept(taken: Taken | TakenRun): void {
    this.gathered.push(taken);
    this.count += lengthOf(taken);
  }

  protected override leftOver(): Out | typeof NOTHING {
    return this.count === 0 ? NOTHING : this.handOver();
  }

  /** While it drains it does not stand in line, but asks whether there is an item anywhere. */
  protected override seek(): void {
    if (!this.draining) {
      super.seek();
      return;
    }
    const { backend } = this.endpoint;
    const asked = backend.tryTake(true, this.wants);
    if (asked instanceof Promise)
      asked.then(this.found, (error: unknown) => {
        if (this.waits) this.fail(error);
      });
    else this.found(asked);
  }

  private readonly found = (taken: Taken | undefined): void => {
    // The wait was given up while the home was asked.
    if (!this.waits) {
      if (taken !== undefined) this.endpoint.backend.giveBack(taken, false);
    } else if (taken === undefined) this.end();
    else this.give(taken);
  };

  /** What nobody has seen goes back, to be delivered as if it had not been taken. */
  protected giveBackGathered(): void {
    const { gathered } = this;
    this.gathered = [];
    this.count = 0;
    this.stopTimer();
    for (const taken of gathered.reverse()) this.endpoint.backend.giveBack(taken, false);
  }

  protected override finish(): void {
    this.stopTimer();
    super.finish();
  }

  private handOver(): Out {
    this.stopTimer();
    const { gathered } = this;
    this.gathered = [];
    this.count = 0;
    const { backend } = this.endpoint;
    for (const taken of gathered) backend.handOut(taken);
    return this.hand(gathered);
  }

  private stopTimer(): void {
    this.partial = false;
    if (this.timer !== undefined) this.endpoint.runtime.clearTimer(this.timer);
    this.timer = undefined;
  }
}

function lengthOf(taken: Taken | TakenRun): number {
  return 'values' in taken ? taken.values.length : 1;
}
