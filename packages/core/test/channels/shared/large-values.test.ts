import { IterableQueue, memory, systemRuntime, type Transport } from '@millrace/core';
import { hostedTransport, SharedQueue } from '@millrace/core/channels';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let transport: Transport;
let shared: SharedQueue;

beforeEach(() => {
  transport = hostedTransport({
    name: 'shared-memory',
    manifest: { ...memory().manifest, isolation: 'thread', values: 'clone', transfer: true },
    runtime: systemRuntime,
    noun: 'thread',
    home: (spec) => {
      shared = new SharedQueue(spec, systemRuntime);
      return { queue: shared, health: () => shared.health() };
    },
    start: () => {
      throw new Error('There are no threads.');
    },
  });
});

afterEach(async () => {
  await transport.close();
});

const large = (): Uint8Array => Uint8Array.from({ length: 64 * 1024 }, (_, i) => i % 251);

/** How many blocks are kept by the host, and not in shared memory. */
const keptByHost = (): number => shared.host.kept.size;

/** A consumer that lives in another thread, from which nothing is heard. */
function openFarConsumer(): void {
  const link = { post: () => undefined, receive: () => undefined, close: () => undefined };
  shared.openConsumer({}).depart?.({ worker: 'w1', local: false, open: () => ({ link, far: {} }) });
}

async function put<T>(queue: IterableQueue<T>, value: T): Promise<void> {
  const producer = queue.producer();
  expect(await producer.put(value)).toBe('accepted');
  await producer.flush();
}

describe('large values', () => {
  test('are handed over where all who take are in the thread that opened the queue, and come as they were put', async () => {
    const queue = new IterableQueue<Uint8Array>({ transport });
    const consumer = queue.consumer();
    const value = large();
    await put(queue, value);
    expect(keptByHost()).toBe(1);
    value.fill(0);
    expect(await consumer.get()).toEqual(large());
  });

  test('come once more, as they were, to whoever takes them next', async () => {
    const queue = new IterableQueue<Uint8Array>({ transport });
    const first = queue.consumer();
    const deliveries = first.deliveries();
    await put(queue, large());
    expect(keptByHost()).toBe(1);
    const { value: delivery } = await deliveries.next();
    expect(delivery?.value).toEqual(large());
    delivery?.nack();
    const { value: again } = await deliveries.next();
    expect(again?.attempt).toBe(2);
    expect(again?.value).toEqual(large());
    again?.ack();
  });

  test('that were moved on by who took them become dead letters all the same', async () => {
    const queue = new IterableQueue<Uint8Array>({ transport });
    const consumer = queue.consumer();
    const deliveries = consumer.deliveries();
    await put(queue, large());
    const { value: delivery } = await deliveries.next();
    structuredClone(delivery?.value, { transfer: [delivery!.value.buffer as ArrayBuffer] });
    const dead = new Promise((resolve) => queue.on('dead-letter', resolve));
    delivery?.reject('not wanted');
    expect(await dead).toMatchObject({ error: 'not wanted' });
    expect(await queue.stats()).toMatchObject({ inHand: 0, dead: 1 });
  });

  test('lie in shared memory where somebody elsewhere may take them, and small ones always do', async () => {
    const queue = new IterableQueue<unknown>({ transport });
    queue.consumer();
    await put(queue, 'small');
    expect(keptByHost()).toBe(0);
    openFarConsumer();
    await put(queue, large());
    expect(keptByHost()).toBe(0);
  });
});
