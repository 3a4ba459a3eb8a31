import { defineWorker, IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { changedFrom, itemsOf, openTransport, range } from './support.js';
import type { MortalProducerArgs, Way } from './workers/mortal-producer.js';

const mortal = defineWorker(
  () => import('./workers/mortal-producer.js'),
  new URL('./workers/mortal-producer.ts', import.meta.url),
);

const FLUSHED = 300;
const MORE = 40;

/** A worker that puts numbers into a closed queue until it is dead, while this thread consumes. */
async function killOne(
  way: Way,
  options: Partial<Pick<MortalProducerArgs, 'flushed' | 'more'>> & { capacity?: number } = {},
) {
  const { capacity = 1024, flushed = FLUSHED, more = MORE } = options;
  const transport = openTransport(
    way === 'out-of-memory' ? { resourceLimits: { maxOldGenerationSizeMb: 24 } } : {},
  );
  const queue = new IterableQueue<number>({ transport, name: 'work', capacity });
  const lost: QueueEvents['endpoint-lost'][] = [];
  queue.on('endpoint-lost', (event) => lost.push(event));
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const said = new IterableQueue<string>({ transport });
  const endpoint = queue.producer();
  const handle = transport.start(
    mortal,
    { out: endpoint, ready: said.producer(), way, flushed, more, ledger: cells.buffer },
    { name: 'mortal' },
  );
  queue.close();
  const consuming = itemsOf(queue.consumer());
  if (way === 'terminate' || way === 'spin')
    void changedFrom(cells, 1, 0).then(() => handle.terminate());
  expect((await handle.exit).status).toBe('failed');
  return { queue, lost, id: endpoint.id, accepted: cells[0] ?? NaN, items: await consuming };
}

describe.each<Way>(['exit', 'throw', 'unhandled', 'out-of-memory', 'terminate', 'spin'])(
  'a producer that dies (%s)',
  (way) => {
    it('closes: the iteration ends with a gapless part of what it put, and all that was flushed', async () => {
      const { queue, lost, id, items, accepted } = await killOne(way);
      expect(accepted).toBeGreaterThan(FLUSHED);
      expect(items).toEqual(range(0, items.length));
      expect(items.length).toBeGreaterThanOrEqual(FLUSHED);
      expect(items.length).toBeLessThanOrEqual(accepted);
      expect(lost).toEqual([
        { queue: 'work', id, role: 'producer', worker: 'mortal', returned: 0, inHand: 0 },
      ]);
      await queue.ended();
      expect(await queue.stats()).toMatchObject({
        put: items.length,
        acked: items.length,
        producers: 0,
      });
    });
  },
);

describe('a producer that goes', () => {
  it('has sent all that was accepted when its function rejects: nobody has lost an endpoint', async () => {
    const { lost, items, accepted } = await killOne('reject');
    expect(accepted).toBe(FLUSHED + MORE);
    expect(items).toEqual(range(0, accepted));
    expect(lost).toEqual([]);
  });

  it.each([1, 3])(
    'returns the room it held, and what waited for room was not put, at capacity %i',
    async (capacity) => {
      const transport = openTransport();
      const queue = new IterableQueue<number>({ transport, capacity });
      const said = new IterableQueue<string>({ transport });
      const hearing = said.consumer();
      const ledger = new SharedArrayBuffer(8);
      const handle = transport.start(mortal, {
        out: queue.producer(),
        ready: said.producer(),
        way: 'terminate',
        flushed: capacity,
        more: 5,
        ledger,
      });
      expect(await hearing.get()).toBe('ready');
      await handle.terminate();
      expect(await queue.stats()).toMatchObject({ size: capacity, producers: 0 });

      // All of the room is free again for another.
      const consumer = queue.consumer();
      const producer = queue.producer();
      queue.close();
      for (const n of range(0, capacity)) {
        expect(await producer.tryPut(-1)).toBe(false);
        expect(await consumer.get()).toBe(n);
        expect(producer.put(100 + n)).toBe('accepted');
      }
      await producer.close();
      expect(await itemsOf(consumer)).toEqual(range(100, 100 + capacity));
    },
  );

  it('hangs nobody who waits for room behind it', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, capacity: 4 });
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const handle = transport.start(mortal, {
      out: queue.producer(),
      ready: said.producer(),
      way: 'spin',
      flushed: 1,
      more: 0,
      ledger: new SharedArrayBuffer(8),
    });
    expect(await hearing.get()).toBe('ready');
    // The other thread is too busy to return the room it was promised.
    const producer = queue.producer();
    const puts = range(0, 4).map((n) => Promise.resolve(producer.put(n)));
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe(0);
    await handle.terminate();
    expect(await Promise.all(puts)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    queue.close();
    await producer.close();
    expect(await itemsOf(consumer)).toEqual(range(0, 4));
  });

  it('ends the wait of a consumer in another thread', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const count = defineWorker(
      () => import('./workers/count.js'),
      new URL('./workers/count.ts', import.meta.url),
    );
    const counting = transport.start(count, { source: queue.consumer() });
    const victim = transport.start(mortal, {
      out: queue.producer(),
      ready: said.producer(),
      way: 'terminate',
      flushed: 100,
      more: 0,
      ledger: new SharedArrayBuffer(8),
    });
    queue.close();
    expect(await hearing.get()).toBe('ready');
    await victim.terminate();
    expect(await counting.result()).toBe(100);
  });
});
