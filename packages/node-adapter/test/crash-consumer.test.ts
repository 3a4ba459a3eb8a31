import { defineWorker, IterableQueue, type QueueEvents, type Transport } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { deliveriesOf, openTransport, range } from './support.js';
import type { MortalConsumerArgs } from './workers/mortal-consumer.js';
import type { Way } from './workers/mortal-producer.js';

const mortal = defineWorker(
  () => import('./workers/mortal-consumer.js'),
  new URL('./workers/mortal-consumer.ts', import.meta.url),
);

const ITEMS = 400;
const ACK = 100;
const HOLD = 6;
const FROM_OUTSIDE: readonly Way[] = ['terminate', 'spin'];

/** A queue of numbers, all there, and closed; and a worker that consumes it until it is dead. */
async function killOne(
  way: Way,
  options: Partial<MortalConsumerArgs> & { transport?: Transport; items?: number } = {},
) {
  const transport =
    options.transport ??
    openTransport(
      way === 'out-of-memory' ? { resourceLimits: { maxOldGenerationSizeMb: 24 } } : {},
    );
  const queue = new IterableQueue<number>({ transport, name: 'work' });
  const lost: QueueEvents['endpoint-lost'][] = [];
  queue.on('endpoint-lost', (event) => lost.push(event));
  const producer = queue.producer();
  queue.close();
  const items = options.items ?? ITEMS;
  for (const n of range(0, items)) void producer.put(n);
  await producer.close();

  const said = new IterableQueue<string>({ transport });
  const hearing = said.consumer();
  const endpoint = queue.consumer();
  const handle = transport.start(
    mortal,
    {
      source: endpoint,
      ready: said.producer(),
      way,
      ack: ACK,
      hold: HOLD,
      flush: true,
      ...pick(options),
    },
    { name: 'mortal' },
  );
  if (FROM_OUTSIDE.includes(way)) {
    expect(await hearing.get()).toBe('alive');
    expect(await hearing.get()).toBe('ready');
    void handle.terminate();
  }
  const exit = await handle.exit;
  expect(exit.status).toBe('failed');
  return { transport, queue, lost, id: endpoint.id };
}

function pick({ ack, hold, flush }: Partial<MortalConsumerArgs>): Partial<MortalConsumerArgs> {
  return {
    ...(ack === undefined ? {} : { ack }),
    ...(hold === undefined ? {} : { hold }),
    ...(flush === undefined ? {} : { flush }),
  };
}

describe.each<Way>(['exit', 'throw', 'unhandled', 'out-of-memory', 'terminate', 'spin'])(
  'a consumer that dies (%s) with items in hand',
  (way) => {
    it('loses none: what it had not settled comes again, marked if it may have been begun', async () => {
      const { queue, lost, id } = await killOne(way);
      const deliveries = await deliveriesOf(queue.consumer());
      expect(deliveries.map(({ value }) => value)).toEqual(range(ACK, ITEMS));

      const marked = deliveries.filter(({ attempt }) => attempt > 1);
      // Held, or fetched ahead: the home cannot know which of these were begun.
      expect(marked.map(({ value }) => value)).toEqual(range(ACK, ACK + marked.length));
      expect(marked.length).toBeGreaterThan(HOLD);
      expect(marked.every(({ attempt }) => attempt === 2)).toBe(true);
      expect(lost).toEqual([
        {
          queue: 'work',
          id,
          role: 'consumer',
          worker: 'mortal',
          returned: marked.length,
          inHand: marked.length,
        },
      ]);
      await queue.ended();
      expect(await queue.stats()).toMatchObject({
        size: 0,
        inHand: 0,
        put: ITEMS,
        acked: ITEMS,
        redelivered: marked.length,
      });
    });
  },
);

describe('a consumer that goes', () => {
  it('gives back in order what it held when its function rejects: nobody has lost an endpoint', async () => {
    const { queue, lost } = await killOne('reject');
    const deliveries = await deliveriesOf(queue.consumer());
    expect(deliveries.map(({ value }) => value)).toEqual(range(ACK, ITEMS));
    const marked = deliveries.filter(({ attempt }) => attempt > 1);
    // It closed its endpoint itself, and so said which were begun.
    expect(marked).toEqual(range(ACK, ACK + HOLD).map((value) => ({ value, attempt: 2 })));
    expect(lost).toEqual([]);
  });

  it('has its unsent acks forgotten, within the bound that the event gives, and marked', async () => {
    const { queue, lost } = await killOne('exit', { ack: 50, flush: false });
    const deliveries = await deliveriesOf(queue.consumer());
    const first = deliveries[0]?.value ?? NaN;
    // Never more than was acked, and nothing missing after the first.
    expect(first).toBeLessThanOrEqual(50);
    expect(deliveries.map(({ value }) => value)).toEqual(range(first, ITEMS));
    const again = deliveries.filter(({ value }) => value < 50 + HOLD);
    expect(again.every(({ attempt }) => attempt === 2)).toBe(true);
    expect(lost[0]?.inHand).toBeGreaterThanOrEqual(again.length);
  });

  it('is as well replaced by another thread', async () => {
    const { transport, queue } = await killOne('exit');
    const said = new IterableQueue<string>({ transport });
    // This one settles all, and waits for items that never come.
    const next = transport.start(mortal, {
      source: queue.consumer(),
      ready: said.producer(),
      way: 'terminate',
      ack: ITEMS - ACK,
      hold: 0,
      flush: true,
    });
    await queue.ended();
    expect(await queue.stats()).toMatchObject({ acked: ITEMS });
    await next.terminate();
  });

  it('leaves its items to one that waits already', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const said = new IterableQueue<string>({ transport });
    const producer = queue.producer();
    queue.close();
    for (const n of range(0, 10)) void producer.put(n);
    await producer.close();
    const hearing = said.consumer();
    const victim = transport.start(mortal, {
      source: queue.consumer(),
      ready: said.producer(),
      way: 'terminate',
      ack: 0,
      hold: 10,
      flush: true,
    });
    expect([await hearing.get(), await hearing.get()]).toEqual(['alive', 'ready']);
    const survivor = deliveriesOf(queue.consumer());
    await victim.terminate();
    expect(await survivor).toEqual(range(0, 10).map((value) => ({ value, attempt: 2 })));
  });

  it('takes nothing along from a queue that acknowledges on taking but what it took', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, acknowledge: 'on-take', capacity: 10 });
    const said = new IterableQueue<string>({ transport });
    const producer = queue.producer();
    const hearing = said.consumer();
    const victim = transport.start(mortal, {
      source: queue.consumer(),
      ready: said.producer(),
      way: 'terminate',
      ack: 0,
      hold: 4,
      flush: true,
    });
    for (const n of range(0, 4)) await producer.put(n);
    expect([await hearing.get(), await hearing.get()]).toEqual(['alive', 'ready']);
    await victim.terminate();
    for (const n of range(4, 8)) await producer.put(n);
    queue.close();
    await producer.close();
    expect((await deliveriesOf(queue.consumer())).map(({ value }) => value)).toEqual(range(4, 8));
  });
});
