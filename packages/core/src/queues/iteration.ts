import type { Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, Taken, Taker } from '../transport/backend.js';
import { asyncDispose } from './travel.js';
import { aborted, checkWait, watch, type WaitOptions } from './waits.js';

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
  abstract readonly held: number;

  protected readonly endpoint: IterationOwner;
  protected over = false;
  private readonly options: WaitOptions | undefined;
  /** Calls of `next` that came while one waited. */
  private behind: (() => void)[] | undefined;
  private resolve: ((result: IteratorResult<Out, undefined> | Promise<never>) => void) | undefined;
  private unwatch: (() => void) | undefined;

  constructor(endpoint: IterationOwner, options?: WaitOptions) {
    this.endpoint = endpoint;
    this.options = options;
    if (options !== undefined) checkWait('The iteration', { timeout: options.timeout });
    endpoint.iterations.add(this as Iteration<unknown>);
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
    try {
      if (this.resolve !== undefined) return this.nextLater();
      this.settle();
      if (this.over) return Promise.resolve(DONE);
      const signal = this.options?.signal;
      if (signal?.aborted === true) {
        this.giveBack();
        throw aborted('The iteration', signal);
      }
      const found = this.gather();
      if (found !== NOTHING) return Promise.resolve({ done: false, value: found });
      if (this.isOver()) return Promise.resolve(this.lastResult());
    } catch (error) {
      this.finish();
      return Promise.reject(error);
    }
    return new Promise(this.wait);
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
    const { resolve } = this;
    this.finish();
    this.resolve = undefined;
    resolve?.(Promise.reject(error));
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

  private nextLater(): Promise<IteratorResult<Out, undefined>> {
    return new Promise((resolve) => {
      (this.behind ??= []).push(() => {
        resolve(this.next());
      });
    });
  }

  private advance(): void {
    const { behind = [] } = this;
    this.behind = undefined;
    for (const call of behind) call();
  }

  private readonly wait = (resolve: (result: IteratorResult<Out, undefined> | Promise<never>) => void): void => {
    this.resolve = resolve;
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
    if (this.held === 0) this.forget();
  }

  protected forgetIfDone(): void {
    if (this.over && this.held === 0) this.forget();
  }

  /** It holds nothing and gives nothing more. */
  protected forget(): void {
    this.endpoint.iterations.delete(this as Iteration<unknown>);
  }
}

export const NOTHING: unique symbol = Symbol('nothing');
const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
