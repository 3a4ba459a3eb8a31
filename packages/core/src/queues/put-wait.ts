import { MillraceError } from '../errors/error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { ProducerBackend, PutAnswer, PutMeta, Putter } from '../transport/backend.js';
import { checkWait, watch, type WaitOptions } from './waits.js';

/** How often each answer was given for the values of one `putMany`. */
export interface PutManyAnswer {
  readonly accepted: number;
  readonly dropped: number;
  readonly refused: number;
}

export type GiveUp = (error: MillraceError) => void;

/** A put that may have to wait: it stands in its endpoint's line until all its values are answered, or it is given up. */
export class PutWait implements Putter {
  before: Putter | undefined;
  after: Putter | undefined;
  inLine = false;
  next = 0;
  asked: string | undefined;
  values: readonly unknown[];
  meta: PutMeta | undefined;
  readonly roomOnly: boolean;
  readonly counts = { accepted: 0, dropped: 0, refused: 0 };
  last: PutAnswer = 'accepted';

  private open: number;
  private error: unknown;
  private failed = false;
  private settle: (() => void) | undefined;
  private unwatch: (() => void) | undefined;
  private forget: (() => void) | undefined;

  private constructor(values: readonly unknown[], meta: PutMeta | undefined, roomOnly = false) {
    this.values = values;
    this.meta = meta;
    this.roomOnly = roomOnly;
    this.open = values.length;
  }

  /**
   * Puts, and waits if it must: the result is `done(wait)`, at once if everything was answered at once. While it waits,
   * what gives it up is among `waiting`.
   */
  static run<Result>(
    backend: ProducerBackend,
    runtime: Runtime,
    values: readonly unknown[],
    meta: PutMeta | undefined,
    options: WaitOptions | undefined,
    done: (wait: PutWait) => Result,
    waiting?: Set<GiveUp>,
  ): Result | Promise<Result> {
    return PutWait.start(new PutWait(values, meta), 'The put', backend, runtime, options, done, waiting);
  }

  /** Waits until a put would find room; undefined when it would now. */
  static whenRoom(backend: ProducerBackend, runtime: Runtime, options: WaitOptions | undefined): Promise<void> | undefined {
    return PutWait.start(new PutWait(ANY, undefined, true), 'The wait for room', backend, runtime, options, () => undefined);
  }

  private static start<Result>(
    wait: PutWait,
    what: string,
    backend: ProducerBackend,
    runtime: Runtime,
    options: WaitOptions | undefined,
    done: (wait: PutWait) => Result,
    waiting?: Set<GiveUp>,
  ): Result | Promise<Result> {
    if (options !== undefined) checkWait(what, options);
    backend.park(wait);
    if (wait.failed) throw wait.error;
    if (wait.open === 0) return done(wait);
    return new Promise<Result>((resolve, reject) => {
      wait.settle = () => {
        if (wait.failed) reject(wait.error);
        else resolve(done(wait));
      };
      const giveUp: GiveUp = (error) => {
        backend.unpark(wait);
        wait.fail(wait.asked === undefined ? error : putUncertain(wait.asked, error));
      };
      if (waiting !== undefined) {
        // What was sent is ahead of whatever is told of its delivery: its answer comes.
        const giveUpUnsent: GiveUp = (error) => {
          if (wait.asked === undefined) giveUp(error);
        };
        waiting.add(giveUpUnsent);
        wait.forget = () => waiting.delete(giveUpUnsent);
      }
      if (options !== undefined && (options.signal !== undefined || options.timeout !== undefined))
        wait.unwatch = watch(runtime, what, options, giveUp);
    });
  }

  answer(answer: PutAnswer): void {
    this.counts[answer]++;
    this.last = answer;
    if (--this.open === 0) this.finish();
  }

  fail(error: unknown): void {
    if (this.failed || this.open === 0) return;
    this.failed = true;
    this.error = error instanceof MillraceError ? this.withAccepted(error) : error;
    this.finish();
  }

  private finish(): void {
    this.unwatch?.();
    this.forget?.();
    this.settle?.();
  }

  /** Says how much was put before the rest was given up. */
  private withAccepted(error: MillraceError): MillraceError {
    const { accepted } = this.counts;
    if (accepted === 0) return error;
    return new MillraceError(
      error.code,
      `${error.message} Before, ${String(accepted)} of its items had been accepted.`,
      { ...error.details, accepted },
      error.cause,
    );
  }
}

/** Stands for whatever would be put. */
const ANY: readonly unknown[] = Object.freeze([undefined]);

export function putUncertain(id: string, cause: unknown): MillraceError {
  return new MillraceError(
    'PUT_UNCERTAIN',
    `The put was sent, and its answer is not known. Put the same value again with { id: "${id}" }: it will not be doubled.`,
    { id },
    cause,
  );
}
