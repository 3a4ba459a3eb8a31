import {
  type ConsumerEndpoint,
  hasCode,
  IterableQueue,
  memory,
  type MillraceError,
  type StandardSchema,
} from '@millrace/core';
import { ManualClock, settleHere } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';

import { byHand, counts, gated, type Order, orders } from './schemas.js';

const soup: Order = { dish: 'soup', count: 1 };
const salad: Order = { dish: 'salad', count: 2 };
const bad = { dish: 'fish', count: 12 };

async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

/** Every way to take all that is in a queue that will end. */
const WAYS: Record<string, (consumer: ConsumerEndpoint<Order>) => Promise<Order[]>> = {
  'for await': list,
  items: (consumer) => list(consumer.items({ timeout: 1000 })),
  take: (consumer) => list(consumer.take(9)),
  get: async (consumer) => {
    const got: Order[] = [];
    try {
      for (;;) got.push(await consumer.get());
    } catch (error) {
      if (!hasCode(error, 'QUEUE_ENDED')) throw error;
    }
    return got;
  },
  tryGet: async (consumer) => {
    const got: Order[] = [];
    try {
      for (
        let found = await consumer.tryGet();
        found !== undefined;
        found = await consumer.tryGet()
      )
        got.push(found.value);
    } catch (error) {
      if (!hasCode(error, 'QUEUE_ENDED')) throw error;
    }
    return got;
  },
  takeMany: async (consumer) => [...(await consumer.takeMany(9)), ...(await consumer.takeMany(9))],
  batches: async (consumer) => (await list(consumer.batches({ max: 2 }))).flat(),
  'batches, after a time': async (consumer) =>
    (await list(consumer.batches({ max: 9, within: 1000 }))).flat(),
  deliveries: async (consumer) => {
    const got: Order[] = [];
    for await (const delivery of consumer.deliveries()) {
      got.push(delivery.value);
      delivery.ack();
    }
    return got;
  },
  deliveryBatches: async (consumer) => {
    const got: Order[] = [];
    for await (const batch of consumer.deliveryBatches({ max: 3 }))
      for (const delivery of batch) {
        got.push(delivery.value);
        delivery.ack();
      }
    return got;
  },
  'deliveryBatches, drained': async (consumer) => {
    const got: Order[] = [];
    const batches = consumer.deliveryBatches({ max: 3, within: 1000 });
    batches.drain();
    for await (const batch of batches)
      for (const delivery of batch) {
        got.push(delivery.value);
        delivery.ack();
      }
    return got;
  },
};

describe.each(Object.entries(orders))('items checked by %s when they are taken', (_, schema) => {
  describe.each(Object.entries(WAYS))('by %s', (_way, takeAll) => {
    it.each(['on-done', 'on-take'] as const)(
      'become dead letters when they do not match, and the others come in order (%s)',
      async (acknowledge) => {
        const queue = new IterableQueue({
          transport: memory(),
          name: 'orders',
          schema,
          check: 'take',
          acknowledge,
        });
        const [producer, consumer] = [queue.producer(), queue.consumer()];
        queue.close();
        await producer.putMany([bad, soup, bad, bad, salad, soup, bad]);
        await producer.close();
        expect(await takeAll(consumer)).toEqual([soup, salad, soup]);
        await queue.ended();
        expect(await queue.stats()).toMatchObject({
          put: 7,
          acked: 3,
          dead: 4,
          inHand: 0,
          redelivered: 0,
        });
      },
    );

    it('leave nothing behind when none matches', async () => {
      const queue = new IterableQueue({ transport: memory(), schema, check: 'take' });
      const [producer, consumer] = [queue.producer(), queue.consumer()];
      queue.close();
      await producer.putMany(Array.from({ length: 200 }, () => bad));
      await producer.close();
      expect(await takeAll(consumer)).toEqual([]);
      await queue.ended();
      expect((await queue.stats()).dead).toBe(200);
    });
  });

  it('say in their dead letters what is wrong, and where', async () => {
    const queue = new IterableQueue({ transport: memory(), name: 'orders', schema, check: 'take' });
    const consumer = queue.consumer();
    const got = consumer.get();
    await queue.producer().putMany([bad, soup]);
    expect(await got).toEqual(soup);
    const [letter] = await queue.deadLetters.read();
    expect(letter?.value).toEqual(bad);
    const error = letter?.error as MillraceError;
    expect(error.code).toBe('VALUE_INVALID');
    expect(error.details).toMatchObject({ endpoint: 'orders/c1', issues: [{ path: '.count' }] });
  });

  it('are judged at both ends, and put as they are', async () => {
    const queue = new IterableQueue({ transport: memory(), schema, check: 'both' });
    await expect(Promise.resolve().then(() => queue.producer().put(bad))).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    const slot = queue.producerSlot();
    await queue.producer().put(soup);
    expect(await queue.consumer().get()).toEqual(soup);
    slot.close();
  });
});

describe.each(Object.entries(counts))('a schema of %s that makes other values', (_, schema) => {
  it.each(['take', 'both'] as const)('makes them when they are taken, once (%s)', async (check) => {
    const queue = new IterableQueue({ transport: memory(), schema, check });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    queue.close();
    await producer.putMany(['1', '2', '3', '4']);
    await producer.close();
    const got: number[] = [];
    for await (const delivery of consumer.deliveries()) {
      got.push(delivery.value);
      if (delivery.redelivered) delivery.ack();
      else delivery.nack();
    }
    expect(got).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(await queue.stats()).toMatchObject({ acked: 4, redelivered: 4, dead: 0 });
  });

  it('keeps what was put in the dead letters, so that it can be put back', async () => {
    const queue = new IterableQueue({ transport: memory(), schema, check: 'take' });
    await queue.producer().put('5');
    const consumer = queue.consumer();
    for await (const delivery of consumer.deliveries()) {
      delivery.reject(new Error('not today'));
      break;
    }
    expect((await queue.deadLetters.read())[0]?.value).toBe('5');
    await queue.deadLetters.putBack('all');
    expect(await consumer.get()).toBe(5);
  });
});

describe('checks that take time', () => {
  const open = () => {
    const clock = new ManualClock();
    const gate = gated();
    const queue = new IterableQueue({
      transport: memory({ runtime: clock }),
      name: 'gated',
      schema: gate.schema,
      check: 'take',
    });
    return {
      gate,
      queue,
      producer: queue.producer(),
      consumer: queue.consumer(),
      settle: () => settleHere(clock),
    };
  };

  it.each(['a get', 'a batch', 'a batch that has gathered some', 'a tryGet'])('are not shown when the queue was cleared meanwhile: %s', async (who) => {
    const { gate, queue, producer, consumer, settle } = open();
    const shown: unknown[] = [];
    const show = (items: unknown): unknown => shown.push(items);
    const gathers = who === 'a batch that has gathered some';
    if (gathers) await producer.put('seen');
    if (who === 'a get') void consumer.get().then(show);
    else if (who !== 'a tryGet') void consumer.takeMany(4, { within: 100 }).then(show);
    await settle();
    if (gathers) gate.open('seen');
    await settle();
    await producer.put('old');
    if (who === 'a tryGet') void Promise.resolve(consumer.tryGet()).then(show);
    await settle();
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: gathers ? 2 : 1 });
    await queue.clear();
    gate.open('old');
    await settle();
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, cleared: 1, taken: gathers ? 1 : 0 });
    expect(shown).toEqual(gathers ? [['seen']] : who === 'a tryGet' ? [undefined] : []);
    if (who !== 'a get') return;
    await producer.put('new');
    await settle();
    gate.open('new');
    await settle();
    expect(shown).toEqual(['new']);
  });

  it('check the items of a batch side by side, and no more than it can use', async () => {
    const { gate, queue, producer, consumer, settle } = open();
    await producer.putMany(['a', 'b', 'bad', 'd', 'e']);
    const batch = consumer.takeMany(4);
    await settle();
    expect(await queue.stats()).toMatchObject({ inHand: 4, size: 1 });
    for (const value of ['d', 'bad', 'b', 'a']) gate.open(value);
    expect(await batch).toEqual(['a', 'b', 'd']);
    expect(await queue.stats()).toMatchObject({ acked: 3, dead: 1, size: 1, inHand: 0 });
  });

  it('keep the order', async () => {
    const { gate, producer, consumer } = open();
    await producer.putMany(['a', 'b']);
    const got = [consumer.get(), consumer.get()];
    gate.open('a');
    gate.open('b');
    expect(await Promise.all(got)).toEqual(['a', 'b']);
  });

  it('give the item back, as nobody has seen it, when whoever waits gives up', async () => {
    const { gate, queue, producer, consumer, settle } = open();
    await producer.put('a');
    const cancel = new AbortController();
    const got = consumer.get({ signal: cancel.signal });
    await settle();
    expect(await queue.stats()).toMatchObject({ inHand: 1 });
    cancel.abort();
    await expect(got).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await queue.stats()).toMatchObject({ inHand: 0, size: 1 });
    gate.open('a');
    await settle();
    expect(await queue.stats()).toMatchObject({ inHand: 0, size: 1, dead: 0 });
    const other = queue.consumer().get();
    gate.open('a');
    expect(await other).toBe('a');
  });

  it.each<[string, (consumer: ConsumerEndpoint<string>) => Promise<unknown>]>([
    ['get', (consumer) => consumer.get()],
    ['next', (consumer) => consumer[Symbol.asyncIterator]().next()],
    ['takeMany', (consumer) => consumer.takeMany(3)],
  ])('give everything back when the endpoint closes: %s', async (_, start) => {
    const { gate, queue, producer, consumer, settle } = open();
    await producer.putMany(['a', 'b']);
    const got = start(consumer);
    const failed = expect(got).rejects.toMatchObject({ code: 'ENDPOINT_CLOSED' });
    await settle();
    await consumer.close();
    await failed;
    for (const value of ['a', 'b']) gate.open(value);
    await settle();
    expect(await queue.stats()).toMatchObject({ inHand: 0, size: 2, dead: 0, consumers: 0 });
  });

  it('answer a tryGet, also when the queue has no more that match', async () => {
    const { gate, producer, consumer } = open();
    await producer.put('bad');
    const none = consumer.tryGet();
    gate.open('bad');
    expect(await none).toBeUndefined();
    await producer.putMany(['bad', 'b']);
    const found = consumer.tryGet();
    gate.open('bad');
    await Promise.resolve().then(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    gate.open('b');
    expect(await found).toEqual({ value: 'b' });
  });

  it('wait for some and not for others, as the schema does', async () => {
    const mixed = byHand<number, number>((value) =>
      Number(value) % 2 === 0
        ? { value: value as number }
        : Promise.resolve({ value: value as number }),
    );
    const queue = new IterableQueue({ transport: memory(), schema: mixed, check: 'take' });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    queue.close();
    await producer.putMany(Array.from({ length: 20 }, (_, n) => n));
    await producer.close();
    expect((await list(consumer.batches({ max: 5 }))).flat()).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });
});

describe('an endpoint', () => {
  const even: StandardSchema<number> = byHand((value) =>
    Number(value) % 2 === 0 ? { value: value as number } : { issues: [{ message: 'is odd' }] },
  );

  it('checks from when it is told to', async () => {
    const queue = new IterableQueue<number>({ transport: memory() });
    await queue.producer().putMany([1, 1, 2]);
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe(1);
    expect(consumer.checked(even)).toBe(consumer);
    expect(await consumer.get()).toBe(2);
  });

  it('is ENDPOINT_BUSY while it is iterated', async () => {
    const queue = new IterableQueue<number>({ transport: memory() });
    await queue.producer().put(1);
    const consumer = queue.consumer();
    const items = consumer[Symbol.asyncIterator]();
    await items.next();
    expect(() => consumer.checked(even)).toThrow(
      expect.objectContaining({ code: 'ENDPOINT_BUSY' }) as Error,
    );
    await items.return?.();
    expect(() => consumer.checked(even)).not.toThrow();
  });

  it('checks what its deliveries put', async () => {
    const queue = new IterableQueue({ transport: memory(), schema: even });
    await queue.producer().put(2);
    for await (const delivery of queue.consumer().deliveries()) {
      expect(() => delivery.put(3)).toThrow(
        expect.objectContaining({ code: 'VALUE_INVALID' }) as Error,
      );
      await delivery.put(4);
      delivery.ack();
      break;
    }
    expect(await queue.consumer().get()).toBe(4);
  });
});
