import { InTurn } from '../contracts/in-turn.js';
import type { StandardSchema } from '../contracts/standard-schema.js';
import { MillraceError } from '../errors/error.js';
import type { FromLoop, Report } from '../loops/wire.js';
import { asyncDispose } from '../queues/travel.js';
import { checkCount, checkDuration, checkWait, watch, type WaitOptions } from '../queues/waits.js';
import type { Runtime } from '../runtime/runtime.js';
import { Events } from '../transport/memory/events.js';
import type { Transport } from '../transport/transport.js';
import type { WorkerRef } from '../workers/ref.js';
import type { InstanceReport } from './instance.js';
import { checkRestart, type RestartPolicy } from './restarts.js';
import { type EarlyMessage, type Kit, Run } from './run.js';

export type GroupState = 'stopped' | 'started' | 'draining';

/** What every worker, or group of equal workers, takes. */
export interface GroupOptions {
  /** Where its workers run. */
  readonly transport: Transport;
  /** For events, errors and `blockers()`. Default: the kind and a number. */
  readonly name?: string | undefined;
  /** How many equal workers run, 1 or more. Default 1. */
  readonly count?: number | undefined;
  /** Whether workers that fail are started again. Default: they are not. */
  readonly restart?: RestartPolicy | undefined;
  /**
   * How long, in ms, a graceful stop may take before workers are terminated. A time in which the host stands still, as a
   * frozen page does, counts as a quarter of it at most. Default 5,000.
   */
  readonly deadline?: number | undefined;
  /**
   * Tells by the event `unresponsive` when a worker's event loop answers nothing for so many ms. Asks each worker at that
   * rhythm. A time in which the host stands still counts as a quarter of it at most. Default: never.
   */
  readonly watchdog?: number | undefined;
}

/** What a producer or consumer may demand of what it is sent. */
export interface MessageOption<Message> {
  /**
   * What messages have to match, checked by `send`: it rejects with `VALUE_INVALID`, and the worker does not hear of it. The
   * worker's own `messageSchema` does the same where the worker runs. Default: nothing is checked.
   */
  readonly messageSchema?: StandardSchema<Message> | undefined;
}

/** What a group tells by itself. */
export interface GroupEvents {
  state: { readonly worker: string; readonly state: GroupState; readonly error: MillraceError | undefined };
  /** An error in the user's work. What happens then is the policy's affair. */
  error: { readonly worker: string; readonly instance: number; readonly error: MillraceError };
  /** A worker is gone that was not asked to go. `restartIn` says in how many ms it is started again, if it is. */
  failure: { readonly worker: string; readonly instance: number; readonly error: MillraceError; readonly restartIn: number | undefined };
  /** A worker runs, for the first time or again. */
  started: { readonly worker: string; readonly instance: number; readonly attempt: number };
  /** A worker is gone and is not started again: it was told to stop, was done, or failed. */
  stopped: { readonly worker: string; readonly instance: number; readonly error: MillraceError | undefined };
  unresponsive: { readonly worker: string; readonly instance: number; readonly ms: number };
  responsive: { readonly worker: string; readonly instance: number; readonly ms: number };
  /** A subscriber's queue takes no more. */
  unsubscribed: { readonly worker: string; readonly queue: string; readonly error: MillraceError };
}

let unnamed = 0;

/** What producers, consumers and plain workers share: starting, watching, restarting, scaling and stopping. */
export abstract class Group {
  readonly name: string;
  protected readonly worker: WorkerRef;
  protected readonly options: GroupOptions & { readonly args?: unknown };
  protected readonly runtime: Runtime;
  protected readonly events = new Events<GroupEvents>();
  protected run: Run | undefined;
  private readonly messageCheck: InTurn | undefined;
  private count: number;
  private current: GroupState = 'stopped';
  /** How the latest run ended: with the failure of a worker that was not started again, or without. */
  private outcome: Promise<MillraceError | undefined> = Promise.resolve(undefined);
  /** How many would hear of a failure: who listens, and who waits for what the failure ends. */
  private attending = 0;
  private supervisorAttends: (() => boolean) | undefined;

  constructor(kind: string, worker: WorkerRef, options: GroupOptions & MessageOption<unknown> & { readonly args?: unknown }) {
    checkCount('count', options.count ?? 1);
    checkDuration('deadline', options.deadline);
    checkDuration('watchdog', options.watchdog);
    if (options.restart !== undefined) checkRestart(options.restart);
    this.name = options.name ?? `${kind}-${String(++unnamed)}`;
    this.worker = worker;
    this.options = options;
    this.count = options.count ?? 1;
    this.runtime = options.transport.runtime;
    if (options.messageSchema !== undefined) this.messageCheck = new InTurn(options.messageSchema, 'messageSchema');
  }

  get state(): GroupState {
    return this.current;
  }

  /** Opens what a run needs: queues, slots. */
  protected abstract open(args: unknown): Kit;
  protected abstract heardReport(report: Report): void;
  /** Answers whether it understood the message. */
  protected abstract heard(instance: number, message: FromLoop): boolean;

  /** Resolves when all workers run; rejects, having stopped them, when one cannot start. `WORKER_RUNNING` when it runs. */
  protected async begin(args: unknown, early: () => readonly EarlyMessage[] = () => []): Promise<void> {
    if (this.run !== undefined)
      throw new MillraceError('WORKER_RUNNING', `${this.name} runs already: stop it before it is started again.`, { worker: this.name });
    const run = new Run(this.name, this.worker, this.options, this.runtime, {
      open: () => this.open(args),
      emit: (type, event) => {
        this.events.emit(type, event);
      },
      running: () => {
        // It may have been told to stop meanwhile.
        if (this.current === 'stopped') this.setState('started');
      },
      heardReport: (report) => {
        this.heardReport(report);
      },
      heard: (instance, message) => this.heard(instance, message),
    });
    this.run = run;
    this.outcome = run.over.then(() => {
      this.run = undefined;
      this.setState('stopped', run.failure);
      this.surface(run);
      return run.failure;
    });
    await run.begin(this.count, early());
  }

  /** An error is never silent: somebody listens, or waits, or hears of it from `start` or `stop`, or it is an unhandled rejection. */
  private surface({ failure, wasStarted, failedAtStop }: Run): void {
    if (failure === undefined || !wasStarted || failedAtStop || this.attending > 0) return;
    if (this.supervisorAttends?.() !== true) void Promise.reject(failure);
  }

  /** Does something that hears of a failure. */
  protected async attend<Result>(act: () => Promise<Result>): Promise<Result> {
    this.attending++;
    try {
      return await act();
    } finally {
      this.attending--;
    }
  }

  /** How the run ends that is the latest now. */
  protected get end(): Promise<MillraceError | undefined> {
    return this.outcome;
  }

  /** Resolves when the state is this one. Rejects with `ABORTED` or `TIMED_OUT`. */
  async whenState(state: GroupState, options: WaitOptions = {}): Promise<void> {
    checkWait('The wait for a state', options);
    if (this.current === state) return;
    await new Promise<void>((resolve, reject) => {
      const off = this.events.on('state', (event) => {
        if (event.state !== state) return;
        off();
        unwatch();
        resolve();
      });
      const unwatch = watch(this.runtime, 'The wait for a state', options, (error) => {
        off();
        reject(error);
      });
    });
  }

  /** Resolves when it has stopped, at once if it does not run; rejects with the error of a worker that failed for good. */
  async finished(): Promise<void> {
    const failure = await this.attend(() => this.outcome);
    if (failure !== undefined) throw failure;
  }

  /** Listens until the returned function is called. */
  on<K extends keyof GroupEvents>(type: K, listener: (event: GroupEvents[K]) => void): () => void {
    const off = this.events.on(type, listener);
    if (type !== 'failure') return off;
    let listening = true;
    this.attending++;
    return () => {
      off();
      if (listening) this.attending--;
      listening = false;
    };
  }

  /** @internal A supervisor hears of everything, and says whether anybody hears of it there. */
  forward<K extends keyof GroupEvents>(types: readonly K[], listener: (type: K, event: GroupEvents[K]) => void, attends: () => boolean): () => void {
    const off = types.map((type) =>
      this.events.on(type, (event) => {
        listener(type, event);
      }),
    );
    this.supervisorAttends = attends;
    return () => {
      for (const end of off) end();
      this.supervisorAttends = undefined;
    };
  }

  /** Changes how many workers run: more are started, and the latest of too many are stopped when they are done. */
  async scale(count: number): Promise<void> {
    checkCount('count', count);
    this.count = count;
    await this.run?.scale(count);
  }

  /** What each worker does, and how it fares. */
  report(): readonly InstanceReport[] {
    return this.run?.report() ?? [];
  }

  /**
   * Stops all workers: each finishes what it does when it hears of it, and runs its `onStop`. What was put into a queue after
   * this was called may reach a worker sooner; its `context.signal` tells when it has heard. What takes longer than `deadline` ms is
   * terminated; a worker in this very process cannot be, and is left behind: `STOP_TIMED_OUT`. Rejects with what fails of the
   * stop itself, once all have stopped. Harmless when repeated; with a shorter deadline, that holds.
   */
  async stop(options: { readonly deadline?: number | undefined } = {}): Promise<void> {
    checkDuration('deadline', options.deadline);
    const { run, outcome } = this;
    if (run === undefined) return;
    this.setState('draining');
    await run.stop(options.deadline ?? this.options.deadline ?? 5000);
    await outcome;
    if (run.failedAtStop && run.failure !== undefined) throw run.failure;
  }

  /** Ends all workers now, where the transport can. */
  async terminate(): Promise<void> {
    await this.stop({ deadline: 0 });
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  protected setState(state: GroupState, error?: MillraceError): void {
    if (this.current === state) return;
    this.current = state;
    this.events.emit('state', { worker: this.name, state, error });
  }

  protected notRunning(what: string): MillraceError {
    return new MillraceError('WORKER_NOT_RUNNING', `${what}: ${this.name} was not started, or has stopped.`, { worker: this.name });
  }

  /** Goes on with the message, once it is known to match what messages have to match. */
  protected ifValid(message: unknown, go: (checked: unknown) => Promise<void>): Promise<void> {
    const { name } = this;
    return this.messageCheck === undefined ? go(message) : this.messageCheck.pass(message, `The message to ${name}`, { worker: name }, go);
  }

  /** Resolves when all workers have handled the message. */
  protected async sendAll(message: unknown): Promise<void> {
    const { run } = this;
    if (run === undefined) throw this.notRunning('The message cannot be sent');
    await run.sendAll(message);
  }
}

