import { Worker } from 'node:worker_threads';
import type { ConnectOptions } from '../connection/index.js';
import { monotonic } from './clock.js';

/** A session whose lease is to be kept, as the thread is told of it. */
export interface Kept {
  readonly key: string;
  readonly session: string;
  readonly token: number;
  /** When it was last renewed by its own thread, in ms of {@link monotonic}: one number, which both threads see. */
  readonly renewed: Float64Array;
}

/** What is asked of the keeper of a lease. */
export interface Keeping {
  /** The lease was renewed otherwise, by what was sent at this moment of {@link monotonic}. */
  renewed(at: number): void;
  end(): void;
}

export interface KeeperData {
  readonly connect: ConnectOptions;
  /** How long a lease may go without being renewed before the thread does so, in ms. */
  readonly interval: number;
}

export type ToKeeper = { readonly add: Kept } | { readonly remove: string } | 'end';

/**
 * Keeps the leases of this process's sessions by a thread and a connection of its own: however long a handler blocks the
 * event loop, what it has in hand is not given to others; with the process it is gone too, and its leases run out. A process
 * that is not blocked renews them itself, by whatever it says.
 */
export class Keeper {
  private readonly data: KeeperData;
  private thread: Worker | undefined;
  private gone: Promise<unknown> | undefined;

  constructor(data: KeeperData) {
    this.data = data;
  }

  keep(key: string, session: string, token: number): Keeping {
    const renewed = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
    renewed[0] = monotonic();
    this.tell({ add: { key, session, token, renewed } });
    return {
      renewed: (at) => {
        renewed[0] = at;
      },
      end: () => {
        this.tell({ remove: session });
      },
    };
  }

  private tell(message: ToKeeper): void {
    this.thread ??= this.start();
    this.thread.postMessage(message);
  }

  private start(): Worker {
    const thread = new Worker(new URL(import.meta.resolve('@millrace/redis-adapter/lease-thread')), {
      name: 'millrace-leases',
      workerData: this.data,
      // It runs nothing of the user's.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    // Without it leases are kept as long as this thread is not blocked for longer than one lasts.
    thread.on('error', () => undefined);
    // It may end by itself, long before it is told to.
    this.gone = new Promise((resolve) => {
      thread.once('exit', resolve);
    });
    thread.unref();
    return thread;
  }

  async close(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    thread.ref();
    thread.postMessage('end' satisfies ToKeeper);
    await this.gone;
  }
}
