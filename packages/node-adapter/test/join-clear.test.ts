import { defineWorker, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { changedFrom, deliveriesOf, itemsOf, openTransport, range } from './support.js';

const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);
const steps = defineWorker(
  () => import('./workers/steps.js'),
  new URL('./workers/steps.ts', import.meta.url),
);

/** A thread that does one thing with a queue for each word that it is told. */
function stepper(queue: IterableQueue<number>, transport = openTransport()) {
  const orders = new IterableQueue<string>({ transport });
  const answers = new IterableQueue<unknown>({ transport });
  const ordering = orders.producer();
  const hearing = answers.consumer();
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const handle = transport.start(steps, {
    orders: orders.consumer(),
    answers: answers.producer(),
    source: queue.consumer(),
    out: queue.producer(),
    gate: gate.buffer,
  });
  return {
    handle,
    tell: async (order: string): Promise<unknown> => {
      await ordering.put(order);
      return await hearing.get();
    },
    /** Does something while that thread has accepted items, and not come to sending them. */
    whileHolding: async <T>(count: number, act: () => T): Promise<T> => {
      await ordering.put(`hold ${String(count)}`);
      await changedFrom(gate, 0, 0);
      const result = act();
      Atomics.store(gate, 0, 2);
      Atomics.notify(gate, 0);
      expect(await hearing.get()).toEqual(range(0, count).map(() => 'accepted'));
      return result;
    },
  };
}

describe('join', () => {
  it('waits for what a thread has in hand, and no longer', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell } = stepper(queue, transport);
    const producer = queue.producer();
    await queue.join();
    await producer.putMany(range(0, 4));
    expect(await tell('take 2')).toEqual([0, 1]);
    expect(await tell('ack')).toBe('acked');
    let joined = false;
    const joining = queue.join().then(() => (joined = true));
    // Later ones are not waited for.
    await producer.put(4);
    expect(await tell('take 2')).toEqual([2, 3]);
    expect(joined).toBe(false);
    expect(await tell('ack')).toBe('acked');
    await joining;
    expect(await queue.stats()).toMatchObject({ acked: 4, size: 1 });
  });

  it('waits for what a thread has put, and for what comes again after a crash', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell, handle } = stepper(queue, transport);
    // Accepted in that thread, in one turn: the home has perhaps not got all of them yet.
    expect(await tell('put 30')).toBe('put');
    const joining = queue.join();
    expect(await tell('take 1')).toEqual([0]);
    await handle.terminate();
    const consumer = queue.consumer();
    const left = (await consumer.takeMany(100)).length;
    await joining;
    expect(left).toBe(30);
  });
});

describe('a thread that has accepted items, and not come to sending them', () => {
  it('is waited for by join', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell, whileHolding } = stepper(queue, transport);
    const consumer = queue.consumer();
    expect(await tell('put 1')).toBe('put');
    expect(await consumer.get()).toBe(0);
    let joined = false;
    const joining = await whileHolding(20, () => [queue.join().then(() => (joined = true))]);
    for (const n of range(0, 20)) {
      expect(joined).toBe(false);
      expect(await consumer.get()).toBe(n);
      await new Promise(setImmediate);
    }
    await Promise.all(joining);
    expect(joined).toBe(true);
  });

  it('is reached by clear', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell, whileHolding } = stepper(queue, transport);
    const consumer = queue.consumer();
    expect(await tell('put 1')).toBe('put');
    expect(await consumer.get()).toBe(0);
    const clearing = await whileHolding(20, () => [queue.clear()]);
    expect(await Promise.all(clearing)).toEqual([20]);
    expect(await tell('put 2')).toBe('put');
    expect([await consumer.get(), await consumer.get()]).toEqual([0, 1]);
    expect(await queue.stats()).toMatchObject({ size: 0, put: 23, cleared: 20 });
  });
});

describe('clear', () => {
  it('discards what waits, wherever it lies; what is in hand stays valid, and does not come again', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell } = stepper(queue, transport);
    const producer = queue.producer();
    for (const n of range(0, 300)) void producer.put(n);
    // Fast enough for more to be fetched ahead.
    expect(await tell('take 100')).toEqual(range(0, 100));
    expect(await tell('ack')).toBe('acked');
    expect(await tell('take 2')).toEqual([100, 101]);
    expect(await queue.clear()).toBe(198);
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 2, cleared: 198 });

    await producer.put(1000);
    expect(await tell('take 1')).toEqual([1000]);
    expect(await tell('ack')).toBe('acked');
    expect(await queue.stats()).toMatchObject({ acked: 103, inHand: 0 });
    await producer.put(1001);
    expect(await tell('take 1')).toEqual([1001]);
    await queue.clear();
    expect(await tell('nack')).toBe('nacked');
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, cleared: 199 });
  });

  it('discards what a thread has accepted before, and nothing that it accepts afterwards', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell } = stepper(queue, transport);
    expect(await tell('put 50')).toBe('put');
    const cleared = await queue.clear();
    expect(cleared).toBe(50);
    expect(await tell('put 3')).toBe('put');
    expect(await tell('take 3')).toEqual([0, 1, 2]);
    expect(await queue.stats()).toMatchObject({ put: 53, cleared: 50 });
  });

  it('forgets what a dead thread had in hand', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const { tell, handle } = stepper(queue, transport);
    const producer = queue.producer();
    await producer.putMany(range(0, 10));
    expect(await tell('take 4')).toEqual(range(0, 4));
    await queue.clear();
    await producer.putMany([10, 11]);
    await handle.terminate();
    queue.close();
    await producer.close();
    expect((await deliveriesOf(queue.consumer())).map(({ value }) => value)).toEqual([10, 11]);
    expect(await queue.stats()).toMatchObject({ cleared: 10, acked: 2 });
  });

  it('makes room for those who wait for it in other threads', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 10 });
    const putting = transport.start(puts, { out: queue.producer(), from: 0, count: 25 });
    queue.close();
    let cleared = 0;
    while (putting.state !== 'stopped' && cleared < 15) cleared += await queue.clear();
    const rest = await itemsOf(queue.consumer());
    expect(rest).toEqual(range(25 - rest.length, 25));
    expect(cleared + rest.length).toBe(25);
    await putting.result();
  });
});
