import { platform, type Runtime } from '../runtime/runtime.js';
import { Inlet } from './channel.js';
import type { WorkerRole } from './handle.js';
import type { Received } from './receive-args.js';
import type { WorkerContext } from './ref.js';
import { loadWorker, runWorker } from './run.js';

export interface WorkerSideOptions {
  readonly id: string;
  readonly role: WorkerRole | undefined;
  readonly runtime: Runtime;
  /** Its arguments, opened before anything can fail, so that the queues hear of what is closed. */
  readonly given: Received;
  /** Sends a message to the host's channel. Throws `VALUE_NOT_CLONEABLE` for what cannot travel. */
  readonly post: (message: unknown) => void;
}

/** The side of the worker, whatever started it: loads the user's module and runs it with its arguments. */
export class WorkerSide {
  private readonly options: WorkerSideOptions;
  private readonly all: Received[] = [];
  private readonly controller = new platform.AbortController();
  private readonly inlet = new Inlet();
  /** Messages before have something in them that is still being loaded. */
  private arriving: Promise<unknown> | undefined;
  private over = false;

  constructor(options: WorkerSideOptions) {
    this.options = options;
    this.keep(options.given);
  }

  /** Its host has asked it to stop. */
  stop(): void {
    this.controller.abort();
  }

  /** Its host has sent it a message. */
  receive(received: Received): void {
    this.keep(received);
    const { assembled } = received;
    if (assembled === undefined && this.arriving === undefined) this.push(received);
    else
      this.arriving = Promise.all([assembled, this.arriving]).then(() => {
        this.push(received);
      });
  }

  private push({ args }: Received): void {
    if (!this.over) this.inlet.push(args);
  }

  /** Keeps what was given to it, to be closed when it ends. */
  private keep(received: Received): void {
    this.all.push(received);
    // Too late: nobody would use it, or close it.
    if (this.over) void this.close();
    if (received.assembled === undefined) return;
    void received.assembled.then(
      () => {
        this.heed(received);
      },
      () => undefined,
    );
  }

  /** A peer among them that is told to die asks the worker to stop. */
  private heed({ endpoints }: Received): void {
    for (const endpoint of endpoints) {
      if (!('signal' in endpoint)) continue;
      const { signal } = endpoint;
      const stop = (): void => {
        this.controller.abort(signal.reason);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    }
  }

  /** Takes from it what it was given: it goes on, if it does, without effect. */
  async close(): Promise<void> {
    this.over = true;
    await Promise.all(this.all.splice(0).map(closeAll));
  }

  /**
   * Runs the worker to its end; `onStarted` is called when its module is loaded. Whatever happens, its endpoints are closed
   * then. Rejects with a coded error.
   */
  async run(place: string, load: () => Promise<unknown>, onStarted: () => void): Promise<unknown> {
    const { id, role, runtime, given, post } = this.options;
    const context: WorkerContext = { id, runtime, signal: this.controller.signal, channel: { post, listen: this.inlet.listen } };
    try {
      const run = await loadWorker(id, place, load, role, given.assembled);
      if (this.over) return undefined;
      onStarted();
      return await runWorker(run, given.args, context);
    } finally {
      await this.close();
    }
  }
}

async function closeAll({ assembled, endpoints }: Received): Promise<void> {
  // Each thing that is made of endpoints takes leave in its own way.
  await assembled?.catch(() => undefined);
  await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
}
