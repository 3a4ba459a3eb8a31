import type { ArgsOf, HostArgs, WorkerFunction, WorkerRef } from '../workers/ref.js';
import { closeSlots } from './slots-within.js';
import { Group, type GroupOptions } from './group.js';
import type { ArgsOption } from './producer.js';
import type { Kit } from './run.js';

export type PlainWorkerOptions = GroupOptions;

/**
 * Workers that are plain functions: each runs its function once. For those that are restarted or scaled, the arguments hold
 * slots in the place of endpoints.
 *
 * @example
 * ```ts
 * // add.ts
 * import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';
 *
 * export default async function addOne({ from, to }: { from: ConsumerEndpoint<number>; to: ProducerEndpoint<number> }) {
 *   for await (const n of from) await to.put(n + 1);
 * }
 * ```
 *
 * ```ts run
 * // main.ts
 * import { defineWorker, IterableQueue, memory, PlainWorker } from '@millrace/core';
 *
 * const transport = memory();
 * const input = new IterableQueue<number>({ transport });
 * const output = new IterableQueue<number>({ transport });
 * const adders = new PlainWorker(defineWorker(() => import('./add.js')), {
 *   transport,
 *   count: 2,
 *   args: { from: input.consumerSlot(), to: output.producerSlot() },
 * });
 * await adders.start();
 * const producer = input.producer();
 * input.close();
 * await producer.putMany([1, 2, 3]);
 * await producer.close();
 * await adders.finished();
 * output.close();
 * console.log((await output.consumer().takeMany(10)).length); // prints: 3
 * ```
 */
export class PlainWorker<Entry extends WorkerFunction<never, unknown>> extends Group {
  private readonly given: { readonly args?: unknown };

  constructor(worker: WorkerRef<Entry>, options: PlainWorkerOptions & ArgsOption<ArgsOf<Entry>>) {
    super('worker', worker, options);
    this.given = options;
  }

  /** Starts it, and resolves when its function runs. Throws `WORKER_RUNNING`; rejects with what keeps it from starting. */
  start(args: HostArgs<ArgsOf<Entry>> | undefined = this.given.args as HostArgs<ArgsOf<Entry>> | undefined): Promise<void> {
    return this.begin(args);
  }

  protected open(args: unknown): Kit {
    return {
      role: 'function',
      args: () => ({ args }),
      close: () => {
        closeSlots(args);
      },
    };
  }

  protected heardReport(): void {
    // A plain function reports nothing.
  }

  protected heard(): boolean {
    return false;
  }
}
