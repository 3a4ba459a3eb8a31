import { defineWorker, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { openTransport, range } from './support.js';

const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);
const holds = defineWorker(
  () => import('./workers/holds.js'),
  new URL('./workers/holds.ts', import.meta.url),
);

describe('a queue that does not end', () => {
  it('says who holds it: endpoints, slots, workers, and items in hand', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, name: 'work' });
    const own = queue.producer();
    const slot = queue.producerSlot();
    const out = queue.producer();
    const source = queue.consumer();
    await own.putMany(range(0, 5));
    const putting = transport.start(
      puts,
      { out, from: 5, count: 0, wait: true },
      { name: 'putter' },
    );
    const said = new IterableQueue<string>({ transport });
    const hearing = said.consumer();
    const holding = transport.start(
      holds,
      { source, take: 3, ready: said.producer() },
      { name: 'holder' },
    );
    await putting.started();
    expect(await hearing.get()).toBe('ready');

    expect(await queue.blockers()).toEqual([
      { kind: 'queue-open', id: 'work' },
      { kind: 'producer', id: own.id },
      { kind: 'producer', id: out.id, worker: 'putter' },
      { kind: 'slot', id: slot.id },
      { kind: 'waiting', id: 'work', items: 2 },
      { kind: 'in-hand', id: source.id, items: 3, worker: 'holder' },
    ]);
    queue.close();
    await own.close();
    slot.close();
    await putting.terminate();
    expect(await queue.blockers()).toEqual([
      { kind: 'waiting', id: 'work', items: 2 },
      { kind: 'in-hand', id: source.id, items: 3, worker: 'holder' },
    ]);
    await holding.terminate();
    expect(await queue.blockers()).toEqual([{ kind: 'waiting', id: 'work', items: 5 }]);
    for await (const _ of queue.consumer().take(5));
    await queue.ended();
    expect(await queue.blockers()).toEqual([]);
  });

  it('says where its endpoints were made, if it was asked to remember', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, debug: true });
    const makeHere = () => queue.producer();
    const out = makeHere();
    const slot = queue.producerSlot();
    transport.start(puts, { out, from: 0, count: 0, wait: true }, { name: 'putter' });
    transport.start(puts, { out: slot, from: 0, count: 0, wait: true }, { name: 'minted' });
    const blockers = (await queue.blockers()).filter(({ kind }) => kind !== 'queue-open');
    expect(blockers.map(({ kind, worker }) => [kind, worker])).toEqual([
      ['producer', 'putter'],
      ['producer', 'minted'],
      ['slot', undefined],
    ]);
    for (const { madeAt } of blockers) expect(madeAt).toContain('blockers.test.ts');
    expect(blockers[0]?.madeAt?.split('\n')[0]).toContain('makeHere');
  });
});

describe('health()', () => {
  it.each(['ports', 'shared-memory'] as const)('tells whether there is progress, over %s', async (channel) => {
    let now = 1000;
    const transport = openTransport({
      channel,
      runtime: {
        now: () => now,
        setTimer: (fn, ms) => setTimeout(fn, ms),
        clearTimer: (timer) => {
          clearTimeout(timer as NodeJS.Timeout);
        },
        defer: (fn) => {
          setImmediate(fn);
        },
      },
    });
    const queue = new IterableQueue<number>({ transport, name: 'work' });
    const idle = { depth: 0, inHand: 0, lastTaken: undefined, lastSettled: undefined };
    expect(transport.health()).toEqual({
      open: true,
      workers: 0,
      queues: [{ queue: 'work', ...idle }],
    });

    const producer = queue.producer();
    await producer.putMany(range(0, 5));
    const said = new IterableQueue<string>({ transport: openTransport() });
    const hearing = said.consumer();
    const holding = transport.start(holds, {
      source: queue.consumer(),
      take: 2,
      ready: said.producer(),
    });
    expect(await hearing.get()).toBe('ready');
    now += 500;
    // In shared memory the thread says itself when it took something, and its clock goes on.
    const lastTaken: unknown = channel === 'ports' ? 500 : expect.any(Number);
    const held = { queue: 'work', depth: 3, inHand: 2, lastTaken, lastSettled: undefined };
    expect(transport.health()).toEqual({ open: true, workers: 1, queues: [held] });

    await holding.terminate();
    const consumer = queue.consumer();
    for await (const _ of consumer.take(4));
    // By now its home knows.
    await queue.stats();
    now += 70;
    const nearly = { queue: 'work', depth: 1, inHand: 0, lastTaken: 70, lastSettled: 70 };
    expect(transport.health()).toEqual({ open: true, workers: 0, queues: [nearly] });

    queue.close();
    await producer.close();
    await consumer.get();
    await queue.ended();
    expect(transport.health()).toEqual({ open: true, workers: 0, queues: [] });
  });
});
