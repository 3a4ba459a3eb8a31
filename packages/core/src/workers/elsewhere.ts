import { unpackErrors, type Packed } from '../channels/values/errors.js';
import type { Clone } from '../channels/values/clone.js';
import { MillraceError } from '../errors/error.js';
import { reviveError } from '../errors/revive.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Departure } from '../transport/backend.js';
import { sendArgs } from './send-args.js';
import { Inlet, type WorkerChannel } from './channel.js';
import type { FromWorker, ToWorker, WorkerStart } from './control.js';
import type { StartOptions, WorkerExit, WorkerHandle, WorkerState } from './handle.js';
import type { WorkerRef } from './ref.js';
import { uncaught, workerFailed } from './failures.js';

/** What a worker runs in, apart from its host: a thread, a process. */
export interface Vessel {
  /** Passes a message on, as it is now. */
  post(message: ToWorker, transfer: readonly object[]): void;
  /** Ends it now, whatever it does. Its end is told as any other is. Harmless when repeated. */
  end(): void;
}

/** Whom it tells what becomes of it. */
export interface VesselEvents {
  heard(message: FromWorker): void;
  /** What ended it from outside its function: an error that nobody caught, a limit. `gone` follows. */
  failed(error: MillraceError): void;
  /** It is gone, and everything it had sent has been heard. The error counts unless its end was told before. */
  gone(error: MillraceError): void;
}

export interface ElsewhereOptions {
  readonly id: string;
  readonly worker: WorkerRef;
  /** What errors call its module, where it is not its URL that it is started by. Default: its URL, which it must have. */
  readonly place?: string | undefined;
  readonly args: unknown;
  readonly start: StartOptions;
  readonly runtime: Runtime;
  /** How endpoints leave for it. */
  readonly via: Departure;
  /** How values are copied there. Default: by structured clone. */
  readonly clone?: Clone | undefined;
  /** It is gone: whatever left for it is lost. Called once, before anybody hears of its end. */
  readonly lost: () => void;
  /** How long, in ms, it may take to end by itself once its function has returned. */
  readonly linger: number;
}

/**
 * Starts a worker apart from its host, and keeps the host's side of it. Throws what its arguments cannot travel by, having
 * moved nothing.
 *
 * @param launch - starts it, once its arguments have left; it may tell events from the next turn on
 */
export function runElsewhere(
  options: ElsewhereOptions,
  launch: (start: WorkerStart, transfer: readonly object[], events: VesselEvents) => Vessel,
): WorkerHandle<unknown> {
  const { id, worker, args, start, via, clone } = options;
  const place = options.place ?? worker.url;
  if (place === undefined)
    throw new MillraceError(
      'WORKER_MODULE_NOT_FOUND',
      `Worker ${id} cannot start apart from its host without its module's URL: write defineWorker(() => import('./x.js'), new URL('./x.js', import.meta.url)).`,
      { worker: id },
    );
  const { sent, transfer } = sendArgs(args, via, start.transfer, clone);
  return new Elsewhere(options, (events) => launch({ id, place, role: start.role, sent }, transfer, events));
}

class Elsewhere implements WorkerHandle<unknown>, VesselEvents {
  readonly id: string;
  readonly exit: Promise<WorkerExit<unknown>>;
  readonly channel: WorkerChannel;
  state: WorkerState = 'starting';

  private readonly options: ElsewhereOptions;
  private readonly vessel: Vessel;
  private readonly inlet = new Inlet();
  private readonly startWaits: { resolve: () => void; reject: (error: MillraceError) => void }[] = [];
  private begun = false;
  private outcome: WorkerExit<unknown> | undefined;
  private lingering: unknown;
  private terminated = false;
  private leave!: (exit: WorkerExit<unknown>) => void;

  constructor(options: ElsewhereOptions, launch: (events: VesselEvents) => Vessel) {
    this.options = options;
    this.id = options.id;
    this.exit = new Promise((resolve) => {
      this.leave = resolve;
    });
    this.channel = {
      post: (message) => {
        this.post(message);
      },
      listen: this.inlet.listen,
    };
    this.vessel = launch(this);
  }

  started(): Promise<void> {
    if (this.begun) return Promise.resolve();
    if (this.state === 'stopped') return this.result() as Promise<never>;
    return new Promise((resolve, reject) => {
      this.startWaits.push({ resolve, reject });
    });
  }

  async result(): Promise<unknown> {
    const end = await this.exit;
    if (end.status === 'failed') throw end.error;
    return end.value;
  }

  stop(): void {
    if (this.state !== 'stopped') this.vessel.post({ kind: 'stop' }, []);
  }

  terminate(): Promise<WorkerExit<unknown>> {
    if (this.state !== 'stopped') {
      if (this.outcome === undefined) this.terminated = true;
      this.vessel.end();
    }
    return this.exit;
  }

  private post(message: unknown): void {
    if (this.state === 'stopped') return;
    const { sent, transfer } = sendArgs(message, this.options.via, [], this.options.clone);
    this.vessel.post({ kind: 'post', sent }, transfer);
  }

  // --- what becomes of it -------------------------------------------------------------------------------------------

  heard(message: FromWorker): void {
    switch (message.kind) {
      case 'started':
        this.begun = true;
        this.state = 'started';
        for (const { resolve } of this.startWaits.splice(0)) resolve();
        return;
      case 'post':
        this.inlet.push(unpackErrors(message.message));
        return;
      case 'uncaught':
        this.failed(uncaught(this.id, unpackErrors(message.error)));
        return;
      case 'finished':
        this.outcome ??= { status: 'finished', value: unpackErrors(message.value) };
        break;
      case 'failed':
        this.outcome ??= { status: 'failed', error: this.revive(message.error) };
    }
    // It has nothing more to do; a timer or a handle that its module left open must not hold it for ever.
    const { linger, runtime } = this.options;
    if (linger < Infinity)
      this.lingering ??= runtime.setTimer(() => {
        this.vessel.end();
      }, linger);
  }

  failed(error: MillraceError): void {
    this.outcome = { status: 'failed', error };
  }

  gone(error: MillraceError): void {
    if (this.state === 'stopped') return;
    this.options.runtime.clearTimer(this.lingering);
    this.state = 'stopped';
    this.options.lost();
    const { id } = this;
    const why = this.terminated ? new MillraceError('WORKER_TERMINATED', `Worker ${id} was terminated.`, { worker: id }) : error;
    this.outcome ??= { status: 'failed', error: why };
    const failure = this.outcome.status === 'failed' ? this.outcome.error : why;
    for (const { reject } of this.startWaits.splice(0)) reject(failure);
    this.leave(this.outcome);
  }

  private revive(packed: Packed): MillraceError {
    return reviveError(unpackErrors(packed), (error) => workerFailed(this.id, error));
  }
}
