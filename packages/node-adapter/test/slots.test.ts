import { defineWorker, IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { deliveriesOf, itemsOf, openTransport, range, refusal } from './support.js';

const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);
const holds = defineWorker(
  () => import('./workers/holds.js'),
  new URL('./workers/holds.ts', import.meta.url),
);
const poisoned = defineWorker(
  () => import('./workers/poisoned.js'),
  new URL('./workers/poisoned.ts', import.meta.url),
);

describe('a producer slot', () => {
  it('keeps the queue open while its worker is killed and restarted three times, and no longer', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const slot = queue.producerSlot();
    queue.close();
    const consumer = queue.consumer();
    const ends: unknown[] = [];
    queue.on('ended', (event) => ends.push(event));
    const ids = new Set<string>();
    queue.on('endpoint-lost', ({ id }) => ids.add(id));
    const iterating = consumer.items();
    for (const round of range(0, 3)) {
      const handle = transport.start(puts, { out: slot, from: round * 10, count: 10, wait: true });
      for (const n of range(round * 10, round * 10 + 10))
        expect(await iterating.next()).toEqual({ done: false, value: n });
      const next = iterating.next();
      await handle.terminate();
      // Nobody puts now, and the queue knows that somebody will.
      expect(await queue.blockers()).toEqual([{ kind: 'slot', id: slot.id }]);
      expect(await queue.stats()).toMatchObject({ producers: 1, size: 0, inHand: 0 });
      const last = transport.start(puts, { out: slot, from: round, count: 1 });
      expect(await next).toEqual({ done: false, value: round });
      expect(await last.result()).toBe(1);
    }
    expect(ids.size).toBe(3);
    const next = iterating.next();
    expect(ends).toEqual([]);
    slot.close();
    expect(await next).toEqual({ done: true, value: undefined });
    await queue.ended();
    expect(ends).toEqual([{ queue: queue.name }]);
    expect(await queue.blockers()).toEqual([]);
    slot.close();
  });

  it('lets a worker that runs go on when it is given up', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 2 });
    const slot = queue.producerSlot();
    const handle = transport.start(puts, { out: slot, from: 0, count: 20 });
    await handle.started();
    queue.close();
    slot.close();
    await refusal('ENDPOINT_CLOSED', () => transport.start(puts, { out: slot, from: 0, count: 1 }));
    expect(await itemsOf(queue.consumer())).toEqual(range(0, 20));
  });

  it('is used by several workers at a time', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const slot = queue.producerSlot();
    queue.close();
    const workers = range(0, 3).map((w) =>
      transport.start(puts, { out: slot, from: w * 10, count: 10 }),
    );
    slot.close();
    const items = await itemsOf(queue.consumer());
    expect(items.sort((a, b) => a - b)).toEqual(range(0, 30));
    await Promise.all(workers.map((worker) => worker.result()));
  });
});

describe('a consumer slot', () => {
  it('counts as a consumer while its worker is away, and no longer', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const alone: QueueEvents['no-consumer'][] = [];
    queue.on('no-consumer', (event) => alone.push(event));
    const slot = queue.consumerSlot();
    const producer = queue.producer();
    await producer.putMany(range(0, 5));
    for (const _ of range(0, 3)) {
      const handle = transport.start(holds, { source: slot, take: 2 });
      await handle.started();
      await handle.terminate();
      expect(await queue.stats()).toMatchObject({ consumers: 1, size: 5, inHand: 0 });
    }
    expect(alone).toEqual([]);
    slot.close();
    expect(alone).toEqual([{ queue: queue.name, items: 5 }]);
    queue.close();
    await producer.close();
    expect((await deliveriesOf(queue.consumer())).map(({ value }) => value)).toEqual(range(0, 5));
  });

  it('sees an item that kills its workers alone: only that one is delivered again and again', async () => {
    const ITEMS = 100;
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const slot = queue.consumerSlot();
    const producer = queue.producer();
    queue.close();
    for (const n of range(0, ITEMS)) void producer.put(n);
    await producer.close();
    const ledger = new SharedArrayBuffer(2 * ITEMS);
    const codes: unknown[] = [];
    for (;;) {
      const args = { source: slot, poison: 77, immuneAt: 6, ledger };
      const exit = await transport.start(poisoned, args).exit;
      if (exit.status === 'finished') break;
      codes.push(exit.error.code);
    }
    slot.close();
    expect(codes).toEqual(range(1, 6).map(() => 'WORKER_EXITED'));
    const begun = [...new Uint8Array(ledger, 0, ITEMS)];
    const attempts = [...new Uint8Array(ledger, ITEMS)];
    expect([begun[77], attempts[77]]).toEqual([6, 6]);
    // The others of its block came once more, and surely not more often: each was settled before the next.
    for (const n of range(0, ITEMS).filter((n) => n !== 77)) {
      expect(begun[n]).toBeGreaterThanOrEqual(1);
      expect(attempts[n]).toBeLessThanOrEqual(2);
      expect(begun[n]).toBeLessThanOrEqual(attempts[n] ?? 0);
    }
    await queue.ended();
    expect(await queue.stats()).toMatchObject({ acked: ITEMS, size: 0, inHand: 0 });
  });
});
