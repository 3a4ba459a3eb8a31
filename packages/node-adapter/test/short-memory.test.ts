import { setImmediate } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { defineWorker, IterableQueue, type ProducerEndpoint } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);

const ITEMS = 100;
const SIZE = 64 * 1024;

/** Text: byte arrays of this size would be moved to the host, where all who take are. */
const item = (i: number, size = SIZE): string => String.fromCharCode(i % 128).repeat(size);

beforeEach(() => {
  // Time passes when a test says so: how long a block waits for room, as well.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** How many items went by way of the queue's host, for which they are cloned. */
function byHost(clone: { mock: { calls: unknown[][] } }): number {
  let items = 0;
  const count = (value: unknown): void => {
    if (typeof value === 'string' && value.length >= SIZE) items++;
    else if (Array.isArray(value)) value.forEach(count);
  };
  for (const [value] of clone.mock.calls) count(value);
  return items;
}

test('what finds no room in shared memory waits for those who make some, and does not go by the host', async () => {
  const transport = workerThreads({ channel: 'shared-memory', bytes: 1024 * 1024 });
  const queue = new IterableQueue<string>({ transport, capacity: ITEMS });
  const producer = queue.producer();
  const clone = vi.spyOn(globalThis, 'structuredClone');
  const putting = (async () => {
    for (let i = 0; i < ITEMS; i++) await producer.put(item(i));
    await producer.close();
    queue.close();
  })();
  const consumer = queue.consumer();
  let taken = 0;
  for await (const text of consumer) {
    expect(text === item(taken)).toBe(true);
    taken++;
  }
  await putting;
  expect(taken).toBe(ITEMS);
  expect(byHost(clone)).toBe(0);
  await transport.close();
});

test('where nobody makes room, the host keeps what finds none after 50 ms, and nothing is lost', async () => {
  const transport = workerThreads({ channel: 'shared-memory', bytes: 1024 * 1024 });
  const queue = new IterableQueue<string>({ transport, capacity: ITEMS });
  const producer = queue.producer();
  const clone = vi.spyOn(globalThis, 'structuredClone');
  for (let i = 0; i < ITEMS; i++) await producer.put(item(i));
  const flushed = producer.flush();
  await vi.advanceTimersByTimeAsync(49);
  expect(byHost(clone)).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  await flushed;
  // Once it has waited in vain, it does not wait again for each block.
  expect((await queue.stats()).size).toBe(ITEMS);
  expect(byHost(clone)).toBeGreaterThan(ITEMS / 2);
  await producer.close();
  queue.close();
  const consumer = queue.consumer();
  let taken = 0;
  for await (const text of consumer) {
    expect(text === item(taken)).toBe(true);
    taken++;
  }
  expect(taken).toBe(ITEMS);
  await transport.close();
});

test('what waits for room is not lost when its producer is handed to a thread', async () => {
  const transport = workerThreads({ channel: 'shared-memory', bytes: 1024 * 1024 });
  const queue = new IterableQueue<string | number>({ transport, capacity: ITEMS + 1 });
  const producer = queue.producer();
  const consumer = queue.consumer();
  for (let i = 0; i < ITEMS; i++) await producer.put(item(i));
  // Numbers are among its items.
  const out = producer as typeof producer & ProducerEndpoint<number>;
  const worker = transport.start(puts, { out, from: ITEMS, count: 1 });
  queue.close();
  const taken: number[] = [];
  for await (const one of consumer) taken.push(typeof one === 'number' ? one : one.charCodeAt(0));
  expect(taken).toEqual(Array.from({ length: ITEMS + 1 }, (_, i) => i));
  vi.useRealTimers();
  expect(await worker.result()).toBe(1);
  await transport.close();
});

test('what others leave no room for goes by the host after a second, though items are taken all the time', async () => {
  const transport = workerThreads({ channel: 'shared-memory', bytes: 1024 * 1024 });
  const queue = new IterableQueue<string>({ transport, capacity: ITEMS });
  const small = queue.producer();
  const consumer = queue.consumer();
  const clone = vi.spyOn(globalThis, 'structuredClone');
  const putSmall = async (): Promise<void> => {
    await small.put(item(0));
    await small.flush();
  };
  for (let i = 0; i < 14; i++) await putSmall();
  const large = queue.producer();
  await large.put(item(0, SIZE * 4));
  const stored = large.flush();
  const takeAndPut = async (): Promise<void> => {
    expect((await consumer.get()).length).toBe(SIZE);
    await putSmall();
    // What was taken is told by the turn's end.
    await setImmediate();
    await vi.advanceTimersByTimeAsync(50);
  };
  for (let waits = 1; waits < 20; waits++) {
    await takeAndPut();
    expect(byHost(clone)).toBe(0);
  }
  await takeAndPut();
  expect(byHost(clone)).toBe(1);
  await stored;
  await transport.close();
});
