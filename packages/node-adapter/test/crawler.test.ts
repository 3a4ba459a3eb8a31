import { defineWorker, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { deliveriesOf, openTransport, range, refusal } from './support.js';

const crawls = defineWorker(
  () => import('./workers/crawls.js'),
  new URL('./workers/crawls.ts', import.meta.url),
);
const follows = defineWorker(
  () => import('./workers/follows.js'),
  new URL('./workers/follows.ts', import.meta.url),
);

describe('a crawler', () => {
  it.each([
    [1, 1],
    [1, 3],
    [2, 2],
    [16, 3],
    [1024, 2],
  ])(
    'follows every link once and ends by itself: capacity %i, %i threads',
    async (capacity, threads) => {
      const pages = 300;
      const transport = openTransport();
      const queue = new IterableQueue<number>({ transport, capacity });
      const producer = queue.producer();
      const seen = new SharedArrayBuffer(pages);
      new Uint8Array(seen)[0] = 1;
      const workers = range(0, threads).map(() =>
        transport.start(crawls, { source: queue.consumer(), pages, seen }),
      );
      await producer.put(0);
      await producer.close();
      queue.close();
      const results = await Promise.all(workers.map((worker) => worker.result()));
      expect(results.flatMap(({ crawled }) => crawled).sort((a, b) => a - b)).toEqual(
        range(0, pages),
      );
      await queue.ended();
      const { put, acked, size, inHand } = await queue.stats();
      const inPlace = results.reduce((sum, result) => sum + result.inPlace, 0);
      expect({ put, acked, size, inHand }).toEqual({
        put: pages - inPlace,
        acked: pages - inPlace,
        size: 0,
        inHand: 0,
      });
      if (capacity === 1024) expect(inPlace).toBe(0);
    },
  );

  it('puts what follows from an item before the item is settled', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const producer = queue.producer();
    const worker = transport.start(follows, { source: queue.consumer() });
    await producer.put('root');
    await producer.close();
    queue.close();
    expect(await worker.exit).toMatchObject({ error: { code: 'WORKER_EXITED' } });
    expect(await deliveriesOf(queue.consumer())).toEqual([
      { value: 'first', attempt: 1 },
      { value: 'second', attempt: 1 },
      { value: 'third', attempt: 1 },
    ]);
  });

  it('is told, alone in this thread, that its put can find no room', async () => {
    const queue = new IterableQueue<string>({
      transport: openTransport(),
      capacity: 1,
      name: 'narrow',
    });
    const producer = queue.producer();
    await producer.put('root');
    const { value: delivery } = await queue.consumer().deliveries().next();
    await producer.put('fills it');
    const error = await refusal('CONSUMERS_STUCK', () => delivery?.put('no room'));
    expect(error.message).toContain('"narrow"');
  });
});
