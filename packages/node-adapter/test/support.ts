import {
  type ConsumerEndpoint,
  type ErrorCode,
  hasCode,
  type MillraceError,
  type Transport,
} from '@millrace/core';
import { workerThreads, type WorkerThreadsOptions } from '@millrace/node-adapter';
import path from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';

// Threads start in half the time when they need not compile, and strip types from, the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../node_modules/.cache/compile');

// A test may start dozens of threads on a machine that is busy with others; what hangs is caught all the same.
vi.setConfig({ testTimeout: 30_000 });

/** A transport that is closed after the test, and leaves nothing. */
export function openTransport(options?: WorkerThreadsOptions): Transport {
  const transport = workerThreads(options);
  onTestFinished(async () => {
    await transport.close();
    expect(transport.health()).toEqual({ open: false, workers: 0, queues: [] });
  });
  return transport;
}

/** What an act is refused with, whether it throws at once or rejects. Anything but an error with the code fails the test. */
export async function refusal(
  code: ErrorCode,
  act: Promise<unknown> | (() => unknown),
): Promise<MillraceError> {
  let given: unknown;
  try {
    given = await (typeof act === 'function' ? act() : act);
  } catch (error) {
    if (hasCode(error, code)) return error;
    throw error;
  }
  throw new Error(`expected ${code}, but it gave ${String(given)}`);
}

/** All items to the queue's end. */
export async function itemsOf<T>(consumer: ConsumerEndpoint<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of consumer) items.push(item);
  return items;
}

export interface Delivered<T> {
  readonly value: T;
  readonly attempt: number;
}

/** All items to the queue's end with their attempts, each acknowledged as it comes. */
export async function deliveriesOf<T>(consumer: ConsumerEndpoint<T>): Promise<Delivered<T>[]> {
  const found: Delivered<T>[] = [];
  for await (const delivery of consumer.deliveries()) {
    found.push({ value: delivery.value, attempt: delivery.attempt });
    delivery.ack();
  }
  return found;
}

/** The whole numbers from `from` up to, not including, `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

type WaitAsync = (
  cells: Int32Array,
  at: number,
  seen: number,
) => { readonly value: Promise<string> | string };

/** Resolves when another thread has changed a shared number from what it was, and notified. */
export async function changedFrom(cells: Int32Array, at: number, seen: number): Promise<void> {
  const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };
  await waitAsync(cells, at, seen).value;
}
