import { defineWorker, IterableQueue, type WorkerFunction } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, range } from './support.js';
import type { DrainsArgs } from './workers/drains.js';
import type { Numbered } from './workers/fills.js';

const fills = defineWorker(
  () => import('./workers/fills.js'),
  new URL('./workers/fills.ts', import.meta.url),
);
const pipes = defineWorker(
  () => import('./workers/pipes.js'),
  new URL('./workers/pipes.ts', import.meta.url),
);
const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);
const putsMany = defineWorker(
  () => import('./workers/puts-many.js'),
  new URL('./workers/puts-many.ts', import.meta.url),
);
const drains = defineWorker<WorkerFunction<DrainsArgs<Numbered>, Numbered[]>>(
  () => import('./workers/drains.js'),
  new URL('./workers/drains.ts', import.meta.url),
);
const drainsNumbers = defineWorker<WorkerFunction<DrainsArgs<number>, number[]>>(
  () => import('./workers/drains.js'),
  new URL('./workers/drains.ts', import.meta.url),
);

describe('between threads', () => {
  it.each([1, 5, 1024])(
    'every item is taken once, those of a producer in order unless they say that they are late: capacity %i',
    async (capacity) => {
      const PRODUCERS = 3;
      const ITEMS = 200;
      const transport = openTransport();
      const queue = new IterableQueue<Numbered>({ transport, capacity });
      const ledger = new SharedArrayBuffer(4);
      const producing = range(0, PRODUCERS).map((producer) =>
        transport.start(fills, { out: queue.producer(), producer, items: ITEMS, ledger }),
      );
      const own = queue.producer();
      const consuming = (['items', 'deliveries', 'get'] as const).map((how) =>
        transport.start(drains, { source: queue.consumer(), how }).result(),
      );
      consuming.push(itemsOf(queue.consumer()));
      queue.close();
      for (const n of range(0, ITEMS)) await own.put({ producer: PRODUCERS, n });
      await own.close();
      await Promise.all(producing.map((worker) => worker.result()));
      const got = await Promise.all(consuming);

      // What was fetched by one and went to another comes late, and says so.
      let late = 0;
      for (const items of got)
        for (const producer of range(0, PRODUCERS + 1)) {
          const order = items.filter((item) => item.producer === producer).map(({ n }) => n);
          late += order.filter((n, i) => n < Math.max(...order.slice(0, i))).length;
        }
      const all = got.flat().map(({ producer, n }) => producer * ITEMS + n);
      expect(all.sort((a, b) => a - b)).toEqual(range(0, (PRODUCERS + 1) * ITEMS));
      await queue.ended();
      const { put, taken, acked, redelivered } = await queue.stats();
      expect({ put, acked }).toEqual({ put: all.length, acked: all.length });
      // Handed out, and settled: a repeated delivery would be counted twice.
      expect(taken).toBe(all.length);
      expect(late).toBeLessThanOrEqual(redelivered);
    },
  );

  it('one producer and one consumer are first in, first out', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 100 });
    transport.start(puts, { out: queue.producer(), from: 0, count: 5000 });
    const consuming = transport.start(drainsNumbers, { source: queue.consumer(), how: 'items' });
    queue.close();
    expect(await consuming.result()).toEqual(range(0, 5000));
    expect(await queue.stats()).toMatchObject({ put: 5000, taken: 5000, redelivered: 0 });
  });
});

describe('batches between threads', () => {
  it.each([1, 10, 2000])('are put in order, whatever their size: capacity %i', async (capacity) => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity });
    const sizes = [1, 0, 63, 64, 65, 255, 256, 257];
    const producing = transport.start(putsMany, { out: queue.producer(), sizes });
    queue.close();
    expect(await itemsOf(queue.consumer())).toEqual(range(0, 961));
    expect(await producing.result()).toEqual(
      sizes.map((accepted) => ({ accepted, dropped: 0, refused: 0 })),
    );
  });

  it.each([
    ['batches', 1],
    ['batches', 64],
    ['batches', 1000],
    ['takeMany', 10],
    ['tryGet', 1],
  ] as const)('are taken by %s of %i at the most', async (how, max) => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 100 });
    const consuming = transport.start(drainsNumbers, { source: queue.consumer(), how, max });
    const producer = queue.producer();
    queue.close();
    await producer.putMany(range(0, 500));
    await producer.close();
    expect(await consuming.result()).toEqual(range(0, 500));
    await queue.ended();
    expect(await queue.stats()).toMatchObject({ acked: 500, inHand: 0 });
  });
});

describe('streams in a thread', () => {
  it.each(['stream', 'pipeTo', 'putAll'] as const)('carry all items, in order: %s', async (how) => {
    const transport = openTransport();
    const there = new IterableQueue<number>({ transport, capacity: 10 });
    const back = new IterableQueue<number>({ transport, capacity: 10 });
    const handle = transport.start(pipes, { source: there.consumer(), out: back.producer(), how });
    const producer = there.producer();
    there.close();
    back.close();
    const consuming = itemsOf(back.consumer());
    await producer.putAll(range(0, 200));
    await producer.close();
    expect(await consuming).toEqual(range(0, 200).map((n) => (how === 'stream' ? 2 * n : n)));
    await handle.result();
    expect(await there.stats()).toMatchObject({ acked: 200, inHand: 0 });
  });
});

describe('stop()', () => {
  it('fires the signal of the worker, which ends as it likes', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(puts, { out: queue.producer(), from: 0, count: 3, wait: true });
    queue.close();
    const items: number[] = [];
    for await (const item of queue.consumer()) {
      items.push(item);
      if (item === 2) handle.stop();
    }
    expect(items).toEqual([0, 1, 2]);
    expect(await handle.exit).toEqual({ status: 'finished', value: 3 });
    handle.stop();
  });

  it('reaches a worker that is not there yet', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(puts, { out: queue.producer(), from: 0, count: 1, wait: true });
    handle.stop();
    expect(await handle.result()).toBe(1);
  });
});
