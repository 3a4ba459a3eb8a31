import { IterableQueue, memory, ReadyQueue, systemRuntime, type Transport } from '@millrace/core';
import { hostedTransport, SharedQueue } from '@millrace/core/channels';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// What an endpoint has done, its thread's other endpoints and its queue know at once, as in memory: without a turn in between.

let transport: Transport;

beforeEach(() => {
  transport = hostedTransport({
    name: 'shared-memory',
    manifest: { ...memory().manifest, isolation: 'thread', values: 'clone', transfer: true },
    runtime: systemRuntime,
    noun: 'thread',
    home: (spec) => {
      const queue = new SharedQueue(spec, systemRuntime);
      return { queue, health: () => queue.health() };
    },
    start: () => {
      throw new Error('There are no threads.');
    },
  });
});

afterEach(async () => {
  await transport.close();
});

describe('in one thread', () => {
  test('a put is answered at once while there is room, and room is there once an item was taken', async () => {
    const queue = new IterableQueue<number>({ transport, capacity: 2 });
    const producer = queue.producer();
    const other = queue.producer();
    const consumer = queue.consumer();
    expect([producer.put(0), other.put(1)]).toEqual(['accepted', 'accepted']);
    expect([await producer.tryPut(-1), await other.tryPut(-1)]).toEqual([false, false]);
    expect(await consumer.get()).toBe(0);
    expect(producer.put(2)).toBe('accepted');
    expect(await other.tryPut(-1)).toBe(false);
    expect(await consumer.get()).toBe(1);
    expect(other.put(3)).toBe('accepted');
    expect([await consumer.get(), await consumer.get()]).toEqual([2, 3]);
  });

  test('stats, blockers and health know what was put, taken and settled', async () => {
    const queue = new IterableQueue<number>({ transport, name: 'work' });
    const producer = queue.producer();
    const consumer = queue.consumer();
    for (const n of [0, 1, 2]) expect(producer.put(n)).toBe('accepted');
    expect(await queue.stats()).toMatchObject({ size: 3, put: 3 });
    const deliveries = consumer.deliveries();
    const first = await deliveries.next();
    expect(await queue.stats()).toMatchObject({ size: 2, inHand: 1, taken: 1, acked: 0 });
    expect(await queue.blockers()).toContainEqual(
      expect.objectContaining({ kind: 'in-hand', items: 1 }),
    );
    first.value?.ack();
    expect(transport.health().queues).toMatchObject([{ queue: 'work', depth: 2, inHand: 0 }]);
    expect(await queue.stats()).toMatchObject({ size: 2, inHand: 0, acked: 1 });
  });

  test('what is put behind a clear is not cleared, and what is put behind a join is not waited for', async () => {
    const queue = new IterableQueue<number>({ transport });
    const producer = queue.producer();
    const consumer = queue.consumer();
    for (const n of [0, 1]) expect(producer.put(n)).toBe('accepted');
    const clearing = queue.clear();
    expect(producer.put(2)).toBe('accepted');
    const joining = queue.join();
    expect(producer.put(3)).toBe('accepted');
    expect(await clearing).toBe(2);
    expect(await consumer.get()).toBe(2);
    await joining;
    expect(await queue.stats()).toMatchObject({ size: 1, cleared: 2, acked: 1 });
    expect(await consumer.get()).toBe(3);
  });

  test('what is put behind an opening or closing of the gate meets it', async () => {
    const queue = new ReadyQueue<number>({ transport });
    const producer = queue.producer();
    const consumer = queue.consumer();
    const opening = queue.setReady();
    expect(await producer.put(0)).toBe('accepted');
    await opening;
    const closing = queue.setNotReady();
    expect(await producer.put(1)).toBe('refused');
    expect(await closing).toBe(1);
    const again = queue.setReady();
    expect(await producer.put(2)).toBe('accepted');
    await again;
    expect(await consumer.get()).toBe(2);
  });
});
