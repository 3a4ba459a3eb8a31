import { MillraceError } from '../errors/error.js';
import { reviveError } from '../errors/revive.js';
import type { FromLoop, Report } from '../loops/wire.js';
import { patience } from '../runtime/patience.js';
import type { Runtime } from '../runtime/runtime.js';
import type { WorkerExit, WorkerRole } from '../workers/handle.js';
import type { WorkerFunction, WorkerRef } from '../workers/ref.js';
import type { GroupEvents, GroupOptions } from './group.js';
import { Instance, type InstanceReport } from './instance.js';
import { Reports } from './reports.js';
import { Restarts } from './restarts.js';
import { Watchdog } from './watchdog.js';

/** What a kind of group brings to a run. */
export interface Kit {
  readonly role: WorkerRole;
  /** What a worker is started with, besides what every loop is. */
  args(instance: number): Record<string, unknown>;
  /** A worker runs. */
  started?(): Promise<void> | undefined;
  /** All workers are gone for good: gives up the slots. */
  close(): void;
  /** All that they reported has been heard. */
  end?(): void;
}

/** What a run tells its group. */
export interface RunOwner {
  open(): Kit;
  emit<K extends keyof GroupEvents>(type: K, event: GroupEvents[K]): void;
  /** All workers of the start run. */
  running(): void;
  heardReport(report: Report): void;
  heard(instance: number, message: FromLoop): boolean;
}

/** A message that was sent before the start. */
export interface EarlyMessage {
  readonly message: unknown;
  readonly settle: (handled: Promise<unknown>) => void;
}

/** How long, in ms, a graceful stop may take. */
export const DEADLINE = 5000;

/** A group from its start until all its workers are gone for good. */
export class Run {
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  /** Of the first worker that failed and was not started again. */
  failure: MillraceError | undefined;
  /** That was when it had been told to stop, or its transport had been closed. */
  failedAtStop = false;
  wasStarted = false;

  private readonly name: string;
  private readonly worker: WorkerRef;
  private readonly options: GroupOptions;
  private readonly runtime: Runtime;
  private readonly owner: RunOwner;
  private readonly kit: Kit;
  private instances: readonly Instance[] = [];
  private readonly startWaits = new Map<Instance, { resolve: () => void; reject: (error: MillraceError) => void }>();
  private readonly watchdog: Watchdog | undefined;
  /** A plain function reports nothing. */
  private readonly reports: Reports | undefined;
  private readonly end: () => void;
  private stopAsked = false;
  private indices = 0;

  constructor(name: string, worker: WorkerRef, options: GroupOptions, runtime: Runtime, owner: RunOwner) {
    this.name = name;
    this.worker = worker;
    this.options = options;
    this.runtime = runtime;
    this.owner = owner;
    this.kit = owner.open();
    let end!: () => void;
    this.over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.end = end;
    if (options.watchdog !== undefined)
      this.watchdog = new Watchdog(runtime, options.watchdog, (type, event) => {
        owner.emit(type, event);
      });
    if (this.kit.role !== 'function')
      this.reports = new Reports(options.transport, name, (report) => {
        this.reported(report);
      });
  }

  /** Starts so many workers, and resolves when all run. When one cannot, all are stopped. */
  async begin(count: number, early: readonly EarlyMessage[]): Promise<void> {
    try {
      await this.grow(count, early);
    } catch (error) {
      await this.stop(this.options.deadline ?? DEADLINE);
      await this.over;
      throw error;
    }
  }

  async scale(count: number): Promise<void> {
    const live = this.instances.filter(({ leaving, state }) => !leaving && state !== 'stopped');
    if (live.length < count) {
      await this.grow(count - live.length);
      return;
    }
    const leaving = live.slice(count);
    await Promise.all(leaving.map((instance) => this.stopOne(instance, this.options.deadline ?? DEADLINE)));
    // There is nothing more to tell of them.
    this.instances = this.instances.filter((instance) => !leaving.includes(instance));
  }

  async stop(deadline: number): Promise<void> {
    this.stopAsked = true;
    await Promise.all(this.instances.map((instance) => this.stopOne(instance, deadline)));
  }

  async sendAll(message: unknown): Promise<void> {
    const live = this.live();
    if (live.length === 0) throw new MillraceError('WORKER_NOT_RUNNING', `The message cannot be sent: ${this.name} has stopped.`, { worker: this.name });
    await Promise.all(live.map((instance) => instance.send(message)));
  }

  live(): Instance[] {
    return this.instances.filter(({ state }) => state !== 'stopped');
  }

  report(): readonly InstanceReport[] {
    const now = this.runtime.now();
    return this.instances.map(({ id, state, restarts, lastError, lastProgress }) => ({
      id,
      state,
      restarts,
      lastError,
      lastProgress: lastProgress === undefined ? undefined : now - lastProgress,
    }));
  }

  // --- starting -----------------------------------------------------------------------------------------------------

  private async grow(count: number, early: readonly EarlyMessage[] = []): Promise<void> {
    const added = Array.from({ length: count }, () => {
      const index = this.indices++;
      const instance = new Instance(index, this.options.count === undefined && index === 0 ? this.name : `${this.name}/${String(index)}`, new Restarts(this.options.restart, this.runtime));
      this.instances = [...this.instances, instance];
      return instance;
    });
    const starts = added.map(
      (instance) =>
        new Promise<void>((resolve, reject) => {
          this.startWaits.set(instance, { resolve, reject });
        }),
    );
    for (const { message, settle } of early) settle(Promise.all(added.map((instance) => instance.send(message))));
    for (const instance of added) this.launch(instance);
    await Promise.all(starts);
  }

  private launch(instance: Instance): void {
    const { kit, options } = this;
    instance.state = 'starting';
    try {
      const loopArgs =
        kit.role === 'function'
          ? kit.args(instance.index)['args']
          : {
              ...kit.args(instance.index),
              instance: instance.index,
              attempt: instance.restarts + 1,
              reports: this.reports?.slot,
              early: instance.takeEarly(),
            };
      const handle = options.transport.start(this.worker as WorkerRef<WorkerFunction<unknown, unknown>>, loopArgs, {
        name: instance.id,
        role: kit.role,
      });
      instance.handle = handle;
      if (instance.draining) instance.tell({ kind: 'drain' });
      // What a plain function posts is its user's affair.
      if (kit.role !== 'function')
        handle.channel.listen((message) => {
          this.heard(instance, message as FromLoop);
        });
      else
        handle.started().then(
          () => {
            this.ready(instance);
          },
          () => undefined,
        );
      void handle.exit.then((exit) => {
        // Not one that was given up before.
        if (instance.handle === handle) this.exited(instance, exit);
      });
    } catch (error) {
      this.gone(instance, error as MillraceError, false);
    }
  }

  private ready(instance: Instance): void {
    // Its stop was asked for while it started.
    if (!instance.leaving) instance.state = instance.draining ? 'draining' : 'started';
    instance.lastProgress = this.runtime.now();
    this.owner.emit('started', { worker: instance.id, instance: instance.index, attempt: instance.restarts + 1 });
    this.watchdog?.watch(instance);
    const opened = this.kit.started?.();
    if (opened === undefined) this.running(instance);
    else
      opened.then(
        () => {
          this.running(instance);
        },
        (error: unknown) => {
          // Its queue was disposed of meanwhile.
          this.startWaits.get(instance)?.reject(error as MillraceError);
          this.startWaits.delete(instance);
        },
      );
  }

  private running(instance: Instance): void {
    this.startWaits.get(instance)?.resolve();
    this.startWaits.delete(instance);
    if (this.wasStarted || this.startWaits.size > 0 || this.failure !== undefined) return;
    this.wasStarted = true;
    this.owner.running();
  }

  // --- what workers tell --------------------------------------------------------------------------------------------

  private heard(instance: Instance, message: FromLoop): void {
    switch (message.kind) {
      case 'ready':
        this.ready(instance);
        return;
      case 'handled':
        instance.handled(message);
        return;
      case 'halt':
        instance.leaving = true;
        return;
      case 'pong':
        this.watchdog?.answered(instance, message.id);
        return;
      default:
        this.owner.heard(instance.index, message);
    }
  }

  private reported(report: Report): void {
    const instance = this.instances.find(({ index }) => index === report.instance);
    if (instance !== undefined) instance.lastProgress = this.runtime.now();
    if (report.kind !== 'error') {
      this.owner.heardReport(report);
      return;
    }
    const error = reviveError(report.value, (cause) => new MillraceError('WORK_FAILED', `Work of ${this.name} failed.`, { worker: this.name }, cause));
    if (instance !== undefined) instance.lastError = error;
    this.owner.emit('error', { worker: instance?.id ?? this.name, instance: report.instance, error });
  }

  // --- ending -------------------------------------------------------------------------------------------------------

  private exited(instance: Instance, exit: WorkerExit<unknown>): void {
    if (exit.status === 'finished') this.gone(instance, undefined, false);
    else this.gone(instance, exit.error, true);
  }

  /** A worker is gone: it is started again, or not. */
  private gone(instance: Instance, error: MillraceError | undefined, mayReturn: boolean): void {
    this.runtime.clearTimer(instance.timer);
    instance.unwatch?.();
    instance.asked = undefined;
    instance.handle = undefined;
    const asked = instance.leaving && error?.code === 'WORKER_TERMINATED';
    const failed = error !== undefined && !asked;
    const starting = this.startWaits.get(instance);
    const ending = this.stopAsked || !this.options.transport.health().open;
    const again = failed && mayReturn && !instance.leaving && !ending && starting === undefined && !neverStarts(error);
    const restartIn = again ? instance.policy.next() : undefined;
    if (failed) {
      instance.lastError = error;
      if (starting === undefined) this.owner.emit('failure', { worker: instance.id, instance: instance.index, error, restartIn });
    }
    const lost = error ?? new MillraceError('WORKER_NOT_RUNNING', `Worker ${instance.id} has stopped.`, { worker: instance.id });
    instance.loseMail(lost, restartIn === undefined);
    if (restartIn !== undefined) {
      instance.state = 'waiting';
      instance.timer = this.runtime.setTimer(() => {
        instance.restarts++;
        this.launch(instance);
      }, restartIn);
      return;
    }
    instance.state = 'stopped';
    // What has ended well did run, however short that was.
    if (error === undefined) this.running(instance);
    this.owner.emit('stopped', { worker: instance.id, instance: instance.index, error: failed ? error : undefined });
    starting?.reject(lost);
    this.startWaits.delete(instance);
    // Whoever wanted it started hears of that.
    if (failed && (starting === undefined || !this.wasStarted) && this.failure === undefined) {
      this.failure = error;
      this.failedAtStop = ending;
    }
    if (this.instances.every(({ state }) => state === 'stopped')) this.finish();
  }

  private async stopOne(instance: Instance, deadline: number): Promise<void> {
    if (instance.state === 'stopped') return;
    instance.leaving = true;
    const { handle } = instance;
    if (handle === undefined) {
      // It waits to be started again.
      this.gone(instance, undefined, false);
      return;
    }
    instance.state = 'draining';
    handle.stop();
    let unwatch: (() => void) | undefined;
    const late = new Promise<'late'>((resolve) => {
      if (deadline === 0) resolve('late');
      else
        unwatch = patience(this.runtime, deadline, () => {
          resolve('late');
        });
    });
    const first = await Promise.race([handle.exit, late]);
    unwatch?.();
    if (first === 'late') await handle.terminate();
  }

  private finish(): void {
    this.kit.close();
    this.reports?.slot.close();
    void Promise.resolve(this.reports?.heard).then(() => {
      this.kit.end?.();
      this.end();
    });
  }
}

/** Whether starting it again would fail the same way. */
function neverStarts({ code }: MillraceError): boolean {
  return code === 'WORKER_NO_ENTRY' || code === 'WORKER_MODULE_NOT_FOUND' || code === 'WORKER_LOAD_FAILED' || code === 'SCHEMA_MISSING';
}
