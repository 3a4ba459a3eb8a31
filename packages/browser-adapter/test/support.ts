import { browserWorkers, type BrowserWorkersOptions } from '@millrace/browser-adapter';
import {
  type ConsumerEndpoint,
  defineWorker,
  type ErrorCode,
  hasCode,
  type MillraceError,
  type Transport,
  type WorkerEntry,
  type WorkerModule,
  type WorkerRef,
} from '@millrace/core';
import { expect, onTestFinished } from 'vitest';

/** A transport that is closed after the test, and leaves nothing. */
export function openTransport(options?: BrowserWorkersOptions): Transport {
  const transport = browserWorkers(options);
  onTestFinished(async () => {
    await transport.close();
    expect(transport.health()).toEqual({ open: false, workers: 0, queues: [] });
    await locksAreFree();
  });
  return transport;
}

/** Nobody waits for a worker's lock, and every worker lets go of its own. */
async function locksAreFree(): Promise<void> {
  const ours = (lock: LockInfo): boolean => lock.name?.startsWith('millrace:') === true;
  const { held = [], pending = [] } = await navigator.locks.query();
  expect(pending.filter(ours)).toEqual([]);
  for (const { name } of held.filter(ours)) await navigator.locks.request(name!, () => undefined);
}

/** A worker's module, by its URL, in a Web Worker. */
export function served<Entry extends WorkerEntry>(
  load: () => Promise<WorkerModule<Entry>>,
  url: URL,
): WorkerRef<Entry> {
  return defineWorker(
    load,
    () =>
      new Worker(new URL('./any.worker.ts', import.meta.url), { type: 'module', name: url.href }),
  );
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

/** The whole numbers from `from` up to, not including, `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
