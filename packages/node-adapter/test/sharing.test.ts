import { defineWorker, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { changedFrom, itemsOf, openTransport, range } from './support.js';

const holds = defineWorker(
  () => import('./workers/holds.js'),
  new URL('./workers/holds.ts', import.meta.url),
);
const slows = defineWorker(
  () => import('./workers/slows.js'),
  new URL('./workers/slows.ts', import.meta.url),
);

describe('a consumer that is slow', () => {
  it('keeps nothing but what it has in hand from one that waits in this thread', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const producer = queue.producer();
    for (const n of range(0, 400)) void producer.put(n);
    // It takes many, so that more are fetched ahead, and then no more.
    const slow = transport.start(holds, {
      source: queue.consumer(),
      take: 150,
      ready: said.producer(),
    });
    expect(await hearing.get()).toBe('ready');
    const consumer = queue.consumer();
    const taken: number[] = [];
    for await (const item of consumer.take(250)) taken.push(item);
    expect(taken.sort((a, b) => a - b)).toEqual(range(150, 400));
    slow.stop();
    await slow.result();
  });

  it('keeps nothing but what it has in hand from one that waits in another thread', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const producer = queue.producer();
    queue.close();
    for (const n of range(0, 400)) void producer.put(n);
    await producer.close();
    const slow = transport.start(holds, {
      source: queue.consumer(),
      take: 150,
      ready: said.producer(),
    });
    expect(await hearing.get()).toBe('ready');
    const ledger = new SharedArrayBuffer(4);
    const done = new Int32Array(ledger);
    const other = transport.start(slows, { source: queue.consumer(), ledger, waitFor: 0 });
    for (let seen = 0; seen < 250; seen = Atomics.load(done, 0)) await changedFrom(done, 0, seen);
    slow.stop();
    await slow.result();
    const got = await other.result();
    expect(got.slice(0, 250).sort((a, b) => a - b)).toEqual(range(150, 400));
    expect(got.slice(250)).toEqual(range(0, 150));
  });

  it('does not hold up the others: they take what it is too slow for', async () => {
    const ITEMS = 300;
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const ledger = new SharedArrayBuffer(4);
    const producer = queue.producer();
    queue.close();
    // A slow one is done with an item when the quick one is done with all others: it would wait for ever if one of the
    // slow ones had two.
    const slow = range(0, 2).map(() =>
      transport.start(slows, { source: queue.consumer(), ledger, waitFor: ITEMS - 2 }),
    );
    const quick = transport.start(slows, { source: queue.consumer(), ledger, waitFor: 0 });
    await producer.putMany(range(0, ITEMS));
    await producer.close();
    const got = await Promise.all([...slow, quick].map((worker) => worker.result()));
    expect(got.flat().sort((a, b) => a - b)).toEqual(range(0, ITEMS));
    expect(got[2]?.length).toBeGreaterThanOrEqual(ITEMS - 2);
  });
});

describe('an idle consumer', () => {
  it('starves nobody', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 4 });
    for (const _ of range(0, 3)) transport.start(holds, { source: queue.consumer(), take: 0 });
    queue.consumer();
    const producer = queue.producer();
    const consuming = itemsOf(queue.consumer());
    queue.close();
    for (const n of range(0, 100)) await producer.put(n);
    await producer.close();
    expect(await consuming).toEqual(range(0, 100));
  });
});
