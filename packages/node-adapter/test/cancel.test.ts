import { defineWorker, IterableQueue, type QueueOptions } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, range, refusal } from './support.js';

const cancels = defineWorker(
  () => import('./workers/cancels.js'),
  new URL('./workers/cancels.ts', import.meta.url),
);
const givesUp = defineWorker(
  () => import('./workers/gives-up.js'),
  new URL('./workers/gives-up.ts', import.meta.url),
);

describe('a wait in a thread that is given up', () => {
  it('ends with its code, and has done nothing', async () => {
    const transport = openTransport();
    const empty = new IterableQueue<string>({ transport });
    const full = new IterableQueue<string>({ transport, capacity: 2 });
    const said = new IterableQueue<string>({ transport });
    const own = full.producer();
    await own.putMany(['one', 'two']);
    const feeding = empty.producer();
    const handle = transport.start(givesUp, {
      source: empty.consumer(),
      out: full.producer(),
      ready: said.producer(),
    });
    expect(await said.consumer().get()).toBe('ready');
    expect(await handle.result()).toEqual({
      put: 'ABORTED: enough',
      putMany: 'ABORTED: enough',
      get: 'ABORTED: enough',
      takeMany: 'ABORTED: enough',
      items: 'ABORTED: enough',
      deliveries: 'ABORTED: enough',
      batches: 'ABORTED: enough',
      'put in time': 'TIMED_OUT',
      'get in time': 'TIMED_OUT',
      'items in time': 'TIMED_OUT',
    });
    expect(await full.stats()).toMatchObject({ size: 2, put: 2 });
    expect(await empty.stats()).toMatchObject({ size: 0, consumers: 0 });
    await feeding.put('nobody took me before');
    expect(await empty.consumer().get()).toBe('nobody took me before');
    full.close();
    await own.close();
    expect(await itemsOf(full.consumer())).toEqual(['one', 'two']);
  });

  it('is not given up before its time, even if that is in a month', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport() });
    const consumer = queue.consumer();
    const waiting = consumer.get({ timeout: 31 * 24 * 3600 * 1000 });
    // Time passes meanwhile.
    await refusal('TIMED_OUT', queue.consumer().get({ timeout: 5 }));
    await queue.producer().put('in time');
    expect(await waiting).toBe('in time');
  });

  it.each<[string, QueueOptions]>([
    ['capacity 1', { capacity: 1 }],
    ['capacity 64', { capacity: 64 }],
    ['each confirmed, capacity 1', { capacity: 1, confirm: 'each' }],
    ['each confirmed, capacity 64', { capacity: 64, confirm: 'each' }],
  ])('neither loses nor doubles anything, whenever it is given up: %s', async (_, options) => {
    const ITEMS = 100;
    const transport = openTransport();
    const there = new IterableQueue<number>({ transport, ...options });
    const back = new IterableQueue<number>({ transport, ...options });
    const handle = transport.start(cancels, {
      source: there.consumer(),
      out: back.producer(),
      items: ITEMS,
    });
    const producer = there.producer();
    back.close();
    const consuming = itemsOf(back.consumer());
    for (const n of range(0, ITEMS)) await producer.put(n);
    const given = await handle.result();
    // Otherwise nothing was tried.
    expect(given.gets + given.puts).toBeGreaterThan(10);
    expect(await consuming).toEqual(range(0, ITEMS));
    expect(await there.stats()).toMatchObject({
      put: ITEMS,
      acked: ITEMS,
      size: 0,
      inHand: 0,
      redelivered: 0,
    });
  });
});
