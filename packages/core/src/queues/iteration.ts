import type { Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, Taken, Taker } from '../transport/backend.js';
import { asyncDispose } from './travel.js';
import { aborted, checkWait, watch, type WaitOptions } from './waits.js';

/** A call of `next` that is not answered. */
interface Call<Out> {
  readonly resolve: (result: IteratorResult<Out, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** The endpoint that an iteration belongs to: knows all of its iterations, to end them when it closes. */
export interface IterationOwner {
  backend: ConsumerBackend;
  readonly runtime: Runtime;
  readonly iterations: Set<Iteration<unknown>>;
}

/**
 * What all iterations over a consumer endpoint share: how they wait, end, and are left. Written by hand rather than as
 * async generators, which cost three times as much an item.
 */
export abstract class Iteration<Out> implements AsyncIterableIterator<Out, undefined>, Taker {
  before: Taker | undefined;
  after: Taker | undefined;
  inLine = false;
  owner: unknown;
  partial = false;
  readonly ahead: boolean = true;
  readonly holds: boolean = false;

  protected readonly endpoint: IterationOwner;
  protected over = false;
  private readonly options: WaitOptions | undefined;
  /** Calls of `next` that came while one waited. */
  private behind: Call<Out>[] | undefined;
  private resolve: Call<Out>['resolve'] | undefined;
  private reject: Call<Out>['reject'] | undefined;
  private unwatch: (() => void) | undefined;

  constructor(endpoint: IterationOwner, options?: WaitOptions) {
    this.endpoint = endpoint;
    this.options = options;
    if (options !== undefined) checkWait('The iteration', { timeout: options.timeout });
    endpoint.iterations.add(this as Iteration<unknown>);
  }

  /** Items that the loop was given, or that wait for it here, and that it has not settled. */
  protected abstract readonly open: number;
  /** Of these, those that it was not given yet. */
  protected abstract readonly unseen: number;

  /** Where taking acknowledges, what the loop was given is settled. */
  get held(): number {
    return this.endpoint.backend.onTake ? this.unseen : this.open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Settles what the loop is done with. */
  abstract settle(): void;
  /** A result from what is at hand now, or undefined when there is none yet. */
  protected abstract gather(): Out | typeof NOTHING;
  /** One more item, of which `gather` may make a result. */
  protected abstract accept(taken: Taken): void;
  /** What is left when no more will come. */
  protected leftOver(): Out | typeof NOTHING {
    return NOTHING;
  }
  /** The loop was left: what it was not done with goes back. */
  abstract giveBack(): void;
  /** The endpoint closes: whatever is not settled goes back. */
  giveAllBack(): void {
    this.giveBack();
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    if (this.resolve !== undefined)
      return new Promise((resolve, reject) => {
        (this.behind ??= []).push({ resolve, reject });
      });
    let result: IteratorResult<Out, undefined> | undefined;
    try {
      result = this.step();
    } catch (error) {
      return Promise.reject(error);
    }
    return result === undefined ? new Promise(this.wait) : Promise.resolve(result);
  }

  /** What a call of `next` gives, or undefined if it has to wait. */
  private step(): IteratorResult<Out, undefined> | undefined {
    try {
      this.settle();
      if (this.over) return DONE;
      const signal = this.options?.signal;
      if (signal?.aborted === true) {
        this.giveBack();
        throw aborted('The iteration', signal);
      }
      const found = this.gather();
      if (found !== NOTHING) return { done: false, value: found };
      return this.isOver() ? this.lastResult() : undefined;
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  /** Leaves the loop: the item in hand is given back. */
  return(): Promise<IteratorResult<Out, undefined>> {
    try {
      this.leave();
      return Promise.resolve(DONE);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  leave(): void {
    this.endpoint.backend.unpark(this);
    this.finish();
    this.giveBack();
    this.answer(DONE);
  }

  give(taken: Taken): void {
    this.accept(taken);
    this.progress();
  }

  /** Answers the call that waits with what there is, or goes on waiting. */
  protected progress(): void {
    try {
      const found = this.gather();
      if (found !== NOTHING) this.answer({ done: false, value: found });
      else if (this.isOver()) this.answer(this.lastResult());
      else this.seek();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Waits for the next item. */
  protected seek(): void {
    this.endpoint.backend.park(this);
  }

  end(): void {
    this.answer(this.lastResult());
  }

  fail(error: unknown): void {
    const { reject } = this;
    this.finish();
    this.resolve = undefined;
    this.reject = undefined;
    reject?.(error);
    if (this.behind !== undefined) this.advance();
  }

  /** Ends the wait with what there is: a batch's time is up. */
  protected cut(): void {
    this.endpoint.backend.unpark(this);
    const left = this.leftOver();
    if (left !== NOTHING) this.answer({ done: false, value: left });
  }

  private isOver(): boolean {
    const { backend } = this.endpoint;
    return this.partial ? backend.drained() : backend.ended(this.held);
  }

  private lastResult(): IteratorResult<Out, undefined> {
    const left = this.leftOver();
    if (left !== NOTHING) return { done: false, value: left };
    this.finish();
    return DONE;
  }

  protected answer(result: IteratorResult<Out, undefined>): void {
    const { resolve } = this;
    this.resolve = undefined;
    if (this.unwatch !== undefined) this.stopWatching();
    resolve?.(result);
    if (this.behind !== undefined) this.advance();
  }

  /** A call of `next` waits. */
  get waits(): boolean {
    return this.resolve !== undefined;
  }

  /** Serves the calls that came while one waited, in order, until one of them has to wait. */
  private advance(): void {
    for (let call = this.behind?.shift(); call !== undefined; call = this.behind?.shift()) {
      try {
        const result = this.step();
        if (result === undefined) {
          this.wait(call.resolve, call.reject);
          return;
        }
        call.resolve(result);
      } catch (error) {
        call.reject(error);
      }
    }
    this.behind = undefined;
  }

  private readonly wait = (resolve: Call<Out>['resolve'], reject: Call<Out>['reject']): void => {
    this.resolve = resolve;
    this.reject = reject;
    const { options, endpoint } = this;
    try {
      this.seek();
    } catch (error) {
      this.fail(error);
    }
    if (options !== undefined && this.waits)
      this.unwatch = watch(endpoint.runtime, 'The iteration', options, (error) => {
        endpoint.backend.unpark(this);
        this.giveBack();
        this.fail(error);
      });
  };

  private stopWatching(): void {
    this.unwatch?.();
    this.unwatch = undefined;
  }

  protected finish(): void {
    this.over = true;
    this.stopWatching();
    if (this.open === 0) this.forget();
  }

  protected forgetIfDone(): void {
    if (this.over && this.open === 0) this.forget();
  }

  /** It holds nothing and gives nothing more. */
  protected forget(): void {
    this.endpoint.iterations.delete(this as Iteration<unknown>);
  }
}

export const NOTHING: unique symbol = Symbol('nothing');
const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
