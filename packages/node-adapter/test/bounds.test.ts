import { defineWorker, IterableQueue, type ProducerEndpoint } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { changedFrom, itemsOf, openTransport, range } from './support.js';
import type { Numbered } from './workers/fills.js';

const fills = defineWorker(
  () => import('./workers/fills.js'),
  new URL('./workers/fills.ts', import.meta.url),
);
const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);
const holds = defineWorker(
  () => import('./workers/holds.js'),
  new URL('./workers/holds.ts', import.meta.url),
);

/** The answers that all threads got so far, counted by themselves. */
class Accepted {
  readonly cells = new Int32Array(new SharedArrayBuffer(4));

  get count(): number {
    return Atomics.load(this.cells, 0);
  }

  async reaches(count: number): Promise<void> {
    for (let seen = this.count; seen < count; seen = this.count)
      await changedFrom(this.cells, 0, seen);
  }
}

/** Asks for room exactly: what far producers hold and do not use is called back before the answer. */
async function isFull(producer: ProducerEndpoint<Numbered>): Promise<boolean> {
  return !(await producer.tryPut({ producer: -1, n: -1 }));
}

describe.each([1, 3, 64])('a capacity of %i', (capacity) => {
  it('is never exceeded, nor left unused, by several threads and idle endpoints', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<Numbered>({ transport, capacity });
    const accepted = new Accepted();
    const own = queue.producer();
    queue.producer();
    const fill = (producer: number, items: number) =>
      transport.start(fills, {
        out: queue.producer(),
        producer,
        items,
        ledger: accepted.cells.buffer,
      });
    // Opened, and never used.
    transport.start(puts, { out: queue.producer() as never, from: 0, count: 0, wait: true });
    const ITEMS = 40;
    const workers = range(0, 3).map((producer) => fill(producer, ITEMS));
    const total = 3 * ITEMS;

    const deliveries = queue.consumer().deliveries();
    for (const taken of range(0, total)) {
      const bound = Math.min(taken + capacity, total);
      await accepted.reaches(bound);
      if (taken + capacity <= total) expect(await isFull(own)).toBe(true);
      expect(accepted.count).toBe(bound);
      const { value } = await deliveries.next();
      // Unsettled: what is in hand does not count.
      if (taken % 2 === 0) value?.ack();
    }
    await Promise.all(workers.map((worker) => worker.result()));
    expect(await queue.stats()).toMatchObject({
      size: 0,
      inHand: total / 2,
      put: total,
      redelivered: 0,
    });
  });

  it('counts what a consumer in another thread has fetched ahead', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity });
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const producer = queue.producer();
    const holding = transport.start(holds, {
      source: queue.consumer(),
      take: 10,
      ready: said.producer(),
    });
    for (const n of range(0, 10)) await producer.put(n);
    expect(await hearing.get()).toBe('ready');
    let accepted = 0;
    while (await producer.tryPut(10 + accepted)) accepted++;
    expect(accepted).toBe(capacity);
    expect(await queue.stats()).toMatchObject({ size: capacity, inHand: 10 });

    // What it gives back exceeds the bound, and then puts wait.
    holding.stop();
    await holding.result();
    expect(await queue.stats()).toMatchObject({ size: capacity + 10, inHand: 0 });
    const consumer = queue.consumer();
    for (const n of range(0, 10)) {
      expect(await producer.tryPut(-1)).toBe(false);
      expect(await consumer.get()).toBe(n);
    }
    expect(await producer.tryPut(-1)).toBe(false);
    expect(await consumer.get()).toBe(10);
    expect(await producer.tryPut(-1)).toBe(true);
  });
});

describe('room that a thread was promised and does not use', () => {
  it('goes to those who have something to send', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<Numbered>({ transport, capacity: 100 });
    const accepted = new Accepted();
    const ledger = accepted.cells.buffer;
    // Each has put one item, and so was promised room ahead of need; none uses it.
    const idle = range(0, 3).map((from) =>
      transport.start(puts, { out: queue.producer() as never, from, count: 1, wait: true }),
    );
    const busy = transport.start(fills, { out: queue.producer(), producer: 1, items: 97, ledger });
    await busy.result();
    expect(accepted.count).toBe(97);
    for (const worker of idle) worker.stop();
    await Promise.all(idle.map((worker) => worker.result()));
    queue.close();
    const items = await itemsOf(queue.consumer());
    expect(items.length).toBe(100);
    expect(items.filter((item) => item.producer === 1).map(({ n }) => n)).toEqual(range(0, 97));
  });
});
