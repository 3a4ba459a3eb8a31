import { defineWorker, IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { deliveriesOf, itemsOf, openTransport, range, refusal } from './support.js';
import type { DeepArgs } from './workers/deep.js';
import type { Passed } from './workers/hands-on.js';

const deep = defineWorker(
  () => import('./workers/deep.js'),
  new URL('./workers/deep.ts', import.meta.url),
);
const handsOn = defineWorker(
  () => import('./workers/hands-on.js'),
  new URL('./workers/hands-on.ts', import.meta.url),
);
const measures = defineWorker(
  () => import('./workers/measures.js'),
  new URL('./workers/measures.ts', import.meta.url),
);
const holds = defineWorker(
  () => import('./workers/holds.js'),
  new URL('./workers/holds.ts', import.meta.url),
);

describe('endpoints in arguments', () => {
  it('work at any depth, once for each, beside all other values', async () => {
    const transport = openTransport();
    const words = new IterableQueue<string>({ transport });
    const numbers = new IterableQueue<number>({ transport });
    const one = words.producer();
    const args: DeepArgs & { self?: unknown } = {
      title: 'all kinds',
      list: [1, { out: words.producer() }],
      byName: new Map([['numbers', { source: numbers.consumer() }]]),
      all: new Set([words.producer(), words.producer()]),
      twice: { one, other: one },
      when: new Date(1e12),
      error: Object.assign(new RangeError('carried'), { code: 7 }),
    };
    args.self = args;
    const feeding = numbers.producer();
    expect(await words.stats()).toMatchObject({ producers: 4 });
    const handle = transport.start(deep, args);
    expect(await words.stats()).toMatchObject({ producers: 4 });
    words.close();
    numbers.close();
    await feeding.putMany(range(0, 100));
    await feeding.close();
    expect(await handle.result()).toEqual({
      sum: 4950,
      title: 'all kinds',
      same: true,
      isItself: true,
      when: new Date(1e12),
      error: Object.assign(new RangeError('carried'), { code: 7 }),
    });
    const got = await itemsOf(words.consumer());
    expect(got.filter((word) => word === 'first' || word === 'second')).toEqual([
      'first',
      'second',
    ]);
    expect(got.sort()).toEqual(['first', 'from a Set', 'from a Set', 'from an array', 'second']);
    // The arguments here are as they were.
    expect(args.twice.one).toBe(one);
    expect(args.self).toBe(args);
  });

  it('are moved: all use here is an error, and closing is harmless', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const out = queue.producer();
    const source = queue.consumer();
    const handle = transport.start(holds, { source, out, take: 0 });
    for (const act of [
      () => out.put(1),
      () => out.tryPut(1),
      () => out.putMany([1]),
      () => out.flush(),
      () => source.get(),
      () => source.tryGet(),
      () => source.takeMany(1),
      () => source.items().next(),
      () => source.deliveries().next(),
      () => source.batches().next(),
      () => source.flush(),
    ]) {
      const error = await refusal('ENDPOINT_MOVED', act);
      expect([out.id, source.id]).toContain(error.details['endpoint']);
    }
    await out.close();
    await source.close();
    expect(await queue.stats()).toMatchObject({ producers: 1, consumers: 1 });
    handle.stop();
    await handle.result();
    expect(await queue.stats()).toMatchObject({ producers: 0, consumers: 0 });
  });

  it('close when their worker is done with them', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const lost: unknown[] = [];
    queue.on('endpoint-lost', (event) => lost.push(event));
    const producer = queue.producer();
    await producer.putMany(range(0, 10));
    const handle = transport.start(holds, {
      source: queue.consumer(),
      out: queue.producer(),
      take: 3,
    });
    await handle.started();
    handle.stop();
    expect(await handle.result()).toBe(3);
    // It held three without settling them.
    expect(await queue.stats()).toMatchObject({ producers: 1, consumers: 0, size: 10, inHand: 0 });
    expect(lost).toEqual([]);
    queue.close();
    await producer.close();
    const again = await deliveriesOf(queue.consumer());
    expect(again).toEqual(range(0, 10).map((value) => ({ value, attempt: value < 3 ? 2 : 1 })));
  });
});

describe('other arguments', () => {
  it('can be moved', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const bytes = new Uint8Array([1, 2, 3]);
    const args = { bytes, out: queue.producer() };
    const handle = transport.start(measures, args, { transfer: [bytes.buffer] });
    expect(bytes.length).toBe(0);
    expect(await handle.result()).toEqual([3, true]);
  });

  it('that cannot be moved move nothing', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const bytes = new Uint8Array([1, 2, 3]);
    const args = { bytes, out: queue.producer(), f: () => 1 };
    await refusal('VALUE_NOT_CLONEABLE', () =>
      transport.start(measures, args, { transfer: [bytes.buffer] }),
    );
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(args.out.put('still here')).toBe('accepted');
  });
});

describe('endpoints that are handed on', () => {
  it.each([1, 2])(
    'work in a worker of the worker, without a loss, and what is out of order says so: %i times',
    async (depth) => {
      const transport = openTransport();
      const there = new IterableQueue<number>({ transport });
      const back = new IterableQueue<Passed>({ transport, capacity: 16 });
      const producer = there.producer();
      for (const n of range(0, 300)) void producer.put(n);
      await producer.close();
      const handle = transport.start(handsOn, {
        source: there.consumer(),
        out: back.producer(),
        own: 50,
        depth,
      });
      there.close();
      back.close();
      const got = await itemsOf(back.consumer());
      const values = got.map(({ value }) => value);
      expect([...values].sort((a, b) => a - b)).toEqual(range(0, 300));
      const unmarked = got.filter(({ attempt }) => attempt === 1).map(({ value }) => value);
      expect(unmarked).toEqual([...unmarked].sort((a, b) => a - b));
      // Marked without need are only those that were nacked.
      const isLate = (value: number, at: number) => Math.max(-1, ...values.slice(0, at)) > value;
      const marked = got.filter(({ attempt }) => attempt > 1);
      const inOrder = got.filter(({ value, attempt }, at) => attempt > 1 && !isLate(value, at));
      expect(inOrder.length).toBeLessThanOrEqual(depth);
      const once = ['ENDPOINT_BUSY', 'ENDPOINT_MOVED', 'ENDPOINT_MOVED', 'ENDPOINT_MOVED'];
      expect(await handle.result()).toEqual(range(0, depth).flatMap(() => once));
      expect(await there.stats()).toMatchObject({ acked: 300, redelivered: marked.length });
    },
  );

  it('are lost with the worker that handed them on', async () => {
    const transport = openTransport();
    const there = new IterableQueue<number>({ transport });
    const back = new IterableQueue<Passed>({ transport });
    const lost: QueueEvents['endpoint-lost'][] = [];
    there.on('endpoint-lost', (event) => lost.push(event));
    back.on('endpoint-lost', (event) => lost.push(event));
    const producer = there.producer();
    const handle = transport.start(
      handsOn,
      { source: there.consumer(), out: back.producer(), own: 1, depth: 1 },
      { name: 'outer' },
    );
    back.close();
    const consumer = back.consumer();
    for (const n of range(0, 3)) {
      await producer.put(n);
      expect(await consumer.get()).toMatchObject({ value: n });
    }
    await handle.terminate();
    expect(await itemsOf(consumer)).toEqual([]);
    expect(lost.map(({ role, worker }) => [role, worker]).sort()).toEqual([
      ['consumer', 'outer'],
      ['producer', 'outer'],
    ]);
    expect(await there.stats()).toMatchObject({ consumers: 0 });
  });
});
