import {
  MillraceError,
  type WorkerChannel,
  type WorkerExit,
  type WorkerHandle,
  type WorkerRef,
  type WorkerRole,
  type WorkerState,
} from '@millrace/core';
import { Inlet, type Packed, reviveError, sendArgs, unpackErrors } from '@millrace/core/channels';
import { MessageChannel, type ResourceLimits, type Transferable, Worker } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './control.js';
import { PortLink } from './port-link.js';

/** Node fires a longer one at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const ENTRY = new URL('./worker-entry.js', import.meta.url);

export interface ThreadSettings {
  readonly resourceLimits: ResourceLimits | undefined;
  /** How long, in ms, a thread whose function has returned may take to end by itself. */
  readonly linger: number;
}

/** What is said of a thread when it is started. */
export interface ThreadStart {
  readonly transfer?: readonly object[] | undefined;
  readonly role?: WorkerRole | undefined;
}

/** A worker in a thread of its own. */
export class Thread implements WorkerHandle<unknown> {
  readonly id: string;
  readonly exit: Promise<WorkerExit<unknown>>;
  readonly channel: WorkerChannel;
  state: WorkerState = 'starting';

  private readonly worker: Worker;
  private readonly links: PortLink[] = [];
  private readonly linger: number;
  private outcome: WorkerExit<unknown> | undefined;
  private lingering: NodeJS.Timeout | undefined;
  private terminated = false;
  private readonly startWaits: { resolve: () => void; reject: (error: MillraceError) => void }[] = [];
  private begun = false;
  private readonly inlet = new Inlet();

  constructor(id: string, ref: WorkerRef, args: unknown, given: ThreadStart, settings: ThreadSettings) {
    this.id = id;
    this.linger = settings.linger;
    if (ref.url === undefined)
      throw new MillraceError(
        'WORKER_MODULE_NOT_FOUND',
        `Worker ${id} cannot start in a thread without its module's URL: write defineWorker(() => import('./x.js'), new URL('./x.js', import.meta.url)).`,
        { worker: id },
      );
    const { sent, transfer: moved } = sendArgs(args, { worker: id, local: false, open: () => this.openLink() }, given.transfer);
    const data: ThreadData = { id, url: ref.url, role: given.role, sent };
    this.worker = new Worker(ENTRY, {
      name: id,
      workerData: data,
      transferList: moved as Transferable[],
      ...(settings.resourceLimits === undefined ? {} : { resourceLimits: settings.resourceLimits }),
    });
    this.channel = {
      post: (message) => {
        this.post(message);
      },
      listen: this.inlet.listen,
    };
    this.worker.on('message', (message: FromThread) => {
      this.heard(message);
    });
    this.worker.on('error', (error: unknown) => {
      this.outcome = { status: 'failed', error: crashed(id, error) };
    });
    this.exit = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        resolve(this.ended(code));
      });
    });
  }

  started(): Promise<void> {
    if (this.begun) return Promise.resolve();
    if (this.state === 'stopped') return Promise.reject(this.failure());
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
    if (this.state !== 'stopped') this.worker.postMessage({ kind: 'stop' } satisfies ToThread);
  }

  async terminate(): Promise<WorkerExit<unknown>> {
    if (this.state !== 'stopped' && this.outcome === undefined) this.terminated = true;
    await this.worker.terminate();
    return this.exit;
  }

  private post(message: unknown): void {
    if (this.state === 'stopped') return;
    const { sent, transfer } = sendArgs(message, { worker: this.id, local: false, open: () => this.openLink() });
    this.worker.postMessage({ kind: 'post', sent } satisfies ToThread, transfer as Transferable[]);
  }

  private openLink(): { link: PortLink; far: object } {
    const { port1, port2 } = new MessageChannel();
    const link = new PortLink(port1);
    this.links.push(link);
    return { link, far: port2 };
  }

  private heard(message: FromThread): void {
    switch (message.kind) {
      case 'started':
        this.begun = true;
        this.state = 'started';
        for (const { resolve } of this.startWaits.splice(0)) resolve();
        return;
      case 'post':
        this.inlet.push(unpackErrors(message.message));
        return;
      case 'finished':
        this.outcome = { status: 'finished', value: unpackErrors(message.value) };
        break;
      case 'failed':
        this.outcome = { status: 'failed', error: revive(this.id, message.error) };
    }
    // It has nothing more to do; a timer or a handle that its module left open must not hold it for ever.
    if (this.linger <= LONGEST_TIMER) this.lingering = setTimeout(() => void this.worker.terminate(), this.linger);
  }

  private ended(code: number): WorkerExit<unknown> {
    clearTimeout(this.lingering);
    this.state = 'stopped';
    for (const link of this.links) link.expire();
    this.outcome ??= { status: 'failed', error: this.exitError(code) };
    const failure = this.failure();
    for (const { reject } of this.startWaits.splice(0)) reject(failure);
    return this.outcome;
  }

  private failure(): MillraceError {
    return this.outcome?.status === 'failed' ? this.outcome.error : this.exitError(0);
  }

  private exitError(exitCode: number): MillraceError {
    const { id } = this;
    return this.terminated
      ? new MillraceError('WORKER_TERMINATED', `Worker ${id} was terminated.`, { worker: id })
      : new MillraceError('WORKER_EXITED', `Worker ${id} ended with exit code ${String(exitCode)} before its function returned.`, {
          worker: id,
          exitCode,
        });
  }
}

function crashed(id: string, error: unknown): MillraceError {
  const outOfMemory = (error as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return outOfMemory
    ? new MillraceError(
        'WORKER_OUT_OF_MEMORY',
        `Worker ${id} reached its memory limit. Raise resourceLimits.maxOldGenerationSizeMb, or hold less at a time.`,
        { worker: id },
        error,
      )
    : new MillraceError('WORKER_FAILED', `Worker ${id} had an uncaught error: ${String((error as Error | null)?.message ?? error)}`, { worker: id }, error);
}

function revive(id: string, packed: Packed): MillraceError {
  return reviveError(
    unpackErrors(packed),
    (error) => new MillraceError('WORKER_FAILED', `Worker ${id} failed: ${String((error as Error | null)?.message ?? error)}`, { worker: id }, error),
  );
}
