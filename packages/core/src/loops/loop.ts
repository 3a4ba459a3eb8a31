import { Contract, valueOf } from '../contracts/contract.js';
import { hasCode, MillraceError } from '../errors/error.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { WorkerContext } from '../workers/ref.js';
import type { LoopContext } from './context.js';
import type { Hooks } from './hooks.js';
import type { FromLoop, Report, ToLoop } from './wire.js';

/** What every loop is started with. */
interface Start {
  readonly args: unknown;
  readonly instance: number;
  readonly attempt: number;
  readonly reports: ProducerEndpoint<Report>;
  readonly early: readonly { readonly id: number; readonly message: unknown }[];
  readonly timeout: number;
}

type Action = () => Promise<void>;

/**
 * What runs by itself: begins, works until it is told to stop or has nothing left, and ends, each in its hook. Messages are
 * handled between two pieces of work, never within one.
 */
export abstract class Loop<S extends Start> {
  protected readonly start: S;
  protected readonly host: WorkerContext;
  protected hooks!: Hooks;
  protected stopping = false;
  /** Between `onStart` and `onStop`: only then is there work, and are messages handled. */
  protected running = false;
  protected started: unknown;

  private readonly makeHooks: () => Hooks;
  private readonly inbox: Action[];
  /** Messages that wait until it is known who handles them. */
  private readonly held: Action[] = [];
  private onMessage: ((message: unknown) => unknown) | undefined;
  private ring: (() => void) | undefined;
  /** What is on its way to the host. */
  private readonly reporting = new Set<Promise<void>>();

  constructor(makeHooks: () => Hooks, start: S, host: WorkerContext) {
    this.makeHooks = makeHooks;
    this.start = start;
    this.host = host;
    this.inbox = start.early.map(({ id, message }) => () => this.handle(id, message));
  }

  /** Works until it is told to stop, or has nothing left. */
  protected abstract loop(): Promise<void>;
  protected abstract readonly context: LoopContext;
  /** It is to stop when what it does now is done. */
  protected stopSoon(): void {
    this.stopping = true;
    this.wake();
  }

  async run(): Promise<void> {
    const { host } = this;
    host.channel.listen((message) => {
      this.heard(message as ToLoop);
    });
    await this.begin();
    this.tell({ kind: 'ready' });
    const stop = (): void => {
      this.stopSoon();
    };
    host.signal.addEventListener('abort', stop);
    if (host.signal.aborted) stop();
    let failure: { error: unknown } | undefined;
    this.running = true;
    try {
      await this.loop();
    } catch (error) {
      failure = { error };
    }
    this.running = false;
    host.signal.removeEventListener('abort', stop);
    try {
      await this.timed('onStop', () => this.hooks.onStop(this.context));
    } catch (error) {
      failure ??= { error: this.failed('onStop', error) };
    }
    await Promise.allSettled(this.reporting);
    if (failure !== undefined) throw failure.error;
  }

  private async begin(): Promise<void> {
    try {
      const hooks = this.makeHooks();
      this.hooks = hooks;
      if (hooks.onMessage !== undefined) this.onMessage = (message) => hooks.onMessage?.(message, this.context);
      this.started = await hooks.onStart(this.start.args, this.context);
    } catch (error) {
      if (hasCode(error, 'WORKER_NO_ENTRY')) throw error;
      const { id } = this.host;
      throw new MillraceError('WORKER_START_FAILED', `Worker ${id} did not start: ${text(error)}`, { worker: id }, error);
    }
  }

  // --- messages ---------------------------------------------------------------------------------------------------

  protected heard(message: ToLoop): void {
    if (message.kind === 'send') this.enqueue(() => this.handle(message.id, message.message));
    else if (message.kind === 'ping') this.tell({ kind: 'pong', id: message.id });
  }

  /** What is to be done between two pieces of work. */
  protected enqueue(action: Action): void {
    this.inbox.push(action);
    this.wake();
  }

  protected get hasMail(): boolean {
    return this.inbox.length > 0;
  }

  protected async handleMail(): Promise<void> {
    for (let action = this.inbox.shift(); action !== undefined; action = this.inbox.shift()) await action();
  }

  /** From now on this handles messages, those that were held included. */
  protected handleWith(handler: (message: unknown) => unknown): void {
    this.onMessage = handler;
    this.release();
  }

  /** It is known by now who handles messages, if anybody does. */
  protected release(): void {
    if (this.held.length > 0) this.inbox.unshift(...this.held.splice(0));
  }

  private async handle(id: number, message: unknown): Promise<void> {
    const { onMessage } = this;
    const { messageSchema } = this.hooks;
    const worker = this.host.id;
    if (onMessage === undefined && this.hooks.undecided) {
      this.held.push(() => this.handle(id, message));
      return;
    }
    try {
      if (onMessage === undefined)
        throw new MillraceError('MESSAGE_UNHANDLED', `Worker ${worker} has no onMessage to handle a message with.`, { worker });
      const checked =
        messageSchema === undefined ? message : valueOf(await new Contract(messageSchema).judge(message, `The message to ${worker}`, { worker }));
      await onMessage(checked);
      this.tell({ kind: 'handled', id });
    } catch (error) {
      const told = hasCode(error, 'MESSAGE_UNHANDLED') || hasCode(error, 'VALUE_INVALID')
        ? error
        : new MillraceError('MESSAGE_FAILED', `Worker ${worker} could not handle a message: ${text(error)}`, { worker }, error);
      this.tell({ kind: 'handled', id, error: told });
    }
  }

  protected tell(message: FromLoop): void {
    try {
      this.host.channel.post(message);
    } catch (unfit) {
      if (!hasCode(unfit, 'VALUE_NOT_CLONEABLE') || !('error' in message)) throw unfit;
      this.host.channel.post({ ...message, error: plain(message.error) });
    }
  }

  // --- waiting ----------------------------------------------------------------------------------------------------

  protected wake(): void {
    const { ring } = this;
    this.ring = undefined;
    ring?.();
  }

  /** Waits to be woken. Whatever wakes it must have been looked at in this very turn, so that nothing is missed. */
  protected idle(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.ring = resolve;
    });
  }

  /** Waits so many ms, or until a message comes, or it is to stop. */
  protected async sleep(ms: number): Promise<void> {
    const { runtime } = this.host;
    const timer = runtime.setTimer(() => {
      this.wake();
    }, ms);
    await this.idle();
    runtime.clearTimer(timer);
  }

  // --- work -------------------------------------------------------------------------------------------------------

  /** Runs a piece of the user's work. Fails with `WORK_TIMED_OUT` when it takes too long. */
  protected timed<T>(what: string, work: () => T | Promise<T>): T | Promise<T> {
    const { timeout } = this.start;
    const made = work();
    if (timeout === Infinity || !isThenable(made)) return made;
    const { runtime, id } = this.host;
    return new Promise<T>((resolve, reject) => {
      const timer = runtime.setTimer(() => {
        reject(
          new MillraceError('WORK_TIMED_OUT', `${what} of worker ${id} took longer than its time-out of ${String(timeout)} ms.`, {
            worker: id,
            timeout,
          }),
        );
      }, timeout);
      void Promise.resolve(made)
        .finally(() => {
          runtime.clearTimer(timer);
        })
        .then(resolve, reject);
    });
  }

  protected failed(what: string, cause: unknown): MillraceError {
    if (hasCode(cause, 'WORK_TIMED_OUT')) return cause;
    const { id } = this.host;
    return new MillraceError('WORK_FAILED', `${what} of worker ${id} failed: ${text(cause)}`, { worker: id }, cause);
  }

  /**
   * Sends something to the host behind all that was sent before. What cannot travel arrives as an error that says so. The
   * worker does not end before it is on its way, even if nobody waits for that.
   */
  protected report(kind: Report['kind'], value: unknown): Promise<void> {
    const sending = this.sendReport(kind, value);
    this.reporting.add(sending);
    const sent = (): void => {
      this.reporting.delete(sending);
    };
    sending.then(sent, sent);
    return sending;
  }

  private async sendReport(kind: Report['kind'], value: unknown): Promise<void> {
    const { reports, instance } = this.start;
    try {
      await reports.put({ kind, instance, value });
    } catch (error) {
      if (!hasCode(error, 'VALUE_NOT_CLONEABLE') || kind === 'message') throw error;
      await reports.put({ kind: 'error', instance, value: kind === 'error' ? plain(value) : error });
    }
  }

  /** What every loop's context has. */
  protected baseContext(): LoopContext {
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

export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error without what cannot travel. */
export function plain(error: unknown): MillraceError {
  const { code = 'WORK_FAILED', details = {} } = error as Partial<MillraceError>;
  const { cause } = error as { cause?: unknown };
  const bare = cause instanceof Error ? Object.assign(new Error(cause.message), { name: cause.name, stack: cause.stack }) : String(cause);
  return new MillraceError(code, text(error), { ...details }, bare);
}
