import { platform, type Runtime } from '../runtime/runtime.js';
import type { ReceivedEndpoint } from './receive-args.js';
import { Inlet } from './channel.js';
import type { WorkerRole } from './handle.js';
import type { WorkerContext } from './ref.js';
import { loadWorker, runWorker } from './run.js';

/** What arrives where the worker runs: a value with live endpoints in it, and a list of them. */
export interface Received {
  readonly args: unknown;
  readonly endpoints: readonly ReceivedEndpoint[];
}

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
  private readonly endpoints: ReceivedEndpoint[];
  private readonly controller = new platform.AbortController();
  private readonly inlet = new Inlet();
  private over = false;

  constructor(options: WorkerSideOptions) {
    this.options = options;
    this.endpoints = [...options.given.endpoints];
    this.heed(this.endpoints);
  }

  /** Its host has asked it to stop. */
  stop(): void {
    this.controller.abort();
  }

  /** Its host has sent it a message. */
  receive({ args, endpoints }: Received): void {
    this.endpoints.push(...endpoints);
    this.heed(endpoints);
    // Too late: nobody would use them, or close them.
    if (this.over) void this.close();
    else this.inlet.push(args);
  }

  /** A peer among them that is told to die asks the worker to stop. */
  private heed(endpoints: readonly ReceivedEndpoint[]): void {
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
    await Promise.allSettled(this.endpoints.splice(0).map((endpoint) => endpoint.close()));
  }

  /**
   * Runs the worker to its end; `onStarted` is called when its module is loaded. Whatever happens, its endpoints are closed
   * then. Rejects with a coded error.
   */
  async run(place: string, load: () => Promise<unknown>, onStarted: () => void): Promise<unknown> {
    const { id, role, runtime, given, post } = this.options;
    const context: WorkerContext = { id, runtime, signal: this.controller.signal, channel: { post, listen: this.inlet.listen } };
    try {
      const run = await loadWorker(id, place, load, role);
      if (this.over) return undefined;
      onStarted();
      return await runWorker(run, given.args, this.endpoints, context);
    } finally {
      await this.close();
    }
  }
}
