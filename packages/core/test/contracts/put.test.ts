import {
  type CheckAt,
  hasCode,
  IterableQueue,
  memory,
  type MillraceError,
  type StandardSchema,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { byHand, counts, gated, type Order, orders } from './schemas.js';

const soup: Order = { dish: 'soup', count: 2 };
const bad = { dish: 'soup', count: 12 };

/** The error that something throws or rejects with. */
async function errorOf(act: () => unknown): Promise<MillraceError> {
  try {
    await act();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('it did not fail');
}

async function invalid(
  act: () => unknown,
): Promise<MillraceError & { details: { issues: readonly { path: string; message: string }[] } }> {
  const error = await errorOf(act);
  if (!hasCode(error, 'VALUE_INVALID')) throw error;
  return error;
}

describe.each(Object.entries(orders))('items checked by %s when they are put', (_, schema) => {
  const open = (options: { capacity?: number; check?: 'put' | 'both' } = {}) => {
    const queue = new IterableQueue({ transport: memory(), name: 'orders', schema, ...options });
    return { queue, producer: queue.producer(), consumer: queue.consumer() };
  };

  it('are put when they match', async () => {
    const { producer, consumer } = open();
    expect(await producer.put(soup)).toBe('accepted');
    expect(await producer.tryPut(soup)).toBe(true);
    expect(await producer.putMany([soup, soup])).toEqual({ accepted: 2, dropped: 0, refused: 0 });
    expect(await consumer.takeMany(5)).toEqual([soup, soup, soup, soup]);
  });

  it.each<CheckAt>(['put', 'both'])(
    'are VALUE_INVALID with all issues when they do not, and none is put (%s)',
    async (check) => {
      const { queue, producer } = open({ check: check === 'both' ? 'both' : 'put' });
      // @ts-expect-error -- neither dish nor count
      const error = await invalid(() => producer.put({ dish: 1 }));
      expect(error.details['endpoint']).toBe('orders/p1');
      expect(error.details.issues.map(({ path }) => path)).toEqual(['.dish', '.count']);
      expect(error.message).toContain('.dish: ');
      await invalid(() => producer.put(bad, { timeout: 1000 }));
      await invalid(() => producer.tryPut(bad));
      expect(await queue.stats()).toMatchObject({ put: 0, size: 0 });
    },
  );

  it('name their place in a batch, none of which is put', async () => {
    const { queue, producer } = open();
    const error = await invalid(() => producer.putMany([soup, soup, bad, soup]));
    expect(error.details['index']).toBe(2);
    expect(error.details.issues.map(({ path }) => path)).toEqual(['.count']);
    expect(error.message).toContain('Item 2 of the batch for orders/p1');
    expect((await queue.stats()).put).toBe(0);
  });

  it('wait for room as any do, and can be given up', async () => {
    const { producer, consumer } = open({ capacity: 1 });
    await producer.put(soup);
    expect(await producer.tryPut(soup)).toBe(false);
    const cancel = new AbortController();
    const given = errorOf(() => producer.put(soup, { signal: cancel.signal }));
    cancel.abort();
    expect((await given).code).toBe('ABORTED');
    const waiting = producer.put({ dish: 'salad', count: 1 });
    expect(await consumer.get()).toEqual(soup);
    await waiting;
    expect(await consumer.get()).toEqual({ dish: 'salad', count: 1 });
  });

  it('go through streams and iterables too', async () => {
    const { queue, producer } = open();
    expect((await invalid(() => producer.putAll([soup, bad, soup]))).code).toBe('VALUE_INVALID');
    const writer = producer.toWritable().getWriter();
    await writer.write(soup);
    await invalid(() => writer.write(bad));
    expect((await queue.stats()).put).toBe(2);
  });
});

describe.each(Object.entries(counts))('a schema of %s that makes other values', (_, schema) => {
  it('puts what it made', async () => {
    const queue = new IterableQueue({ transport: memory(), schema });
    const producer = queue.producer();
    await producer.put('7');
    await producer.putMany(['8', '9']);
    expect(await queue.consumer().takeMany(5)).toEqual([7, 8, 9]);
    await invalid(() => producer.put('0'));
  });

  it('is applied once when the queue is full', async () => {
    const queue = new IterableQueue({ transport: memory(), schema, capacity: 1 });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    await producer.put('7');
    const waiting = producer.put('8');
    expect([await consumer.get(), await consumer.get()]).toEqual([7, 8]);
    await waiting;
  });

  it('only judges where it is told to', async () => {
    const queue = new IterableQueue<string>({ transport: memory() });
    const producer = queue.producer().checked(schema, { transform: false });
    await producer.put('7');
    await invalid(() => producer.put('0'));
    expect(await queue.consumer().takeMany(5)).toEqual(['7']);
  });
});

describe('checks that take time', () => {
  const open = () => {
    const gate = gated();
    const queue = new IterableQueue({ transport: memory(), name: 'gated', schema: gate.schema });
    return { gate, queue, producer: queue.producer(), consumer: queue.consumer() };
  };

  it('keep the order in which items were offered', async () => {
    const { gate, producer, consumer, queue } = open();
    const first = producer.put('a');
    const others = [
      producer.putMany(['b', 'c']),
      producer.put('d', { timeout: Infinity }),
      producer.tryPut('e'),
    ];
    for (const value of ['e', 'd', 'c', 'b']) gate.open(value);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await queue.stats()).put).toBe(0);
    gate.open('a');
    await Promise.all([first, ...others]);
    expect(await consumer.takeMany(9)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('do not keep those behind one that fails', async () => {
    const { gate, producer, consumer } = open();
    const failing = invalid(() => producer.put('bad'));
    const next = producer.put('next');
    gate.open('next');
    gate.open('bad');
    await failing;
    await next;
    expect(await consumer.get()).toBe('next');
  });

  it('fail with ENDPOINT_CLOSED when the endpoint closes, and put nothing later', async () => {
    const { gate, producer, queue } = open();
    const failing = [
      errorOf(() => producer.put('a')),
      errorOf(() => producer.putMany(['b'])),
      errorOf(() => producer.tryPut('c')),
    ];
    await producer.close();
    expect((await Promise.all(failing)).map(({ code }) => code)).toEqual([
      'ENDPOINT_CLOSED',
      'ENDPOINT_CLOSED',
      'ENDPOINT_CLOSED',
    ]);
    for (const value of ['a', 'b', 'c']) gate.open(value);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await queue.stats()).put).toBe(0);
  });

  it('can be given up: the item is not put, and the next one is', async () => {
    const { gate, producer, consumer, queue } = open();
    const cancel = new AbortController();
    const given = errorOf(() => producer.put('a', { signal: cancel.signal }));
    const next = producer.put('b');
    gate.open('b');
    cancel.abort();
    expect((await given).code).toBe('ABORTED');
    await next;
    gate.open('a');
    expect(await consumer.get()).toBe('b');
    expect((await queue.stats()).put).toBe(1);
  });

  it('keep the endpoint from being handed over meanwhile', async () => {
    const { gate, producer } = open();
    const waiting = producer.put('a');
    const transport = memory();
    const worker = {
      load: () => Promise.resolve({ default: (_args: { out: typeof producer }) => undefined }),
      url: undefined,
    };
    expect(() => transport.start(worker, { out: producer })).toThrow(
      expect.objectContaining({ code: 'ENDPOINT_BUSY' }) as Error,
    );
    gate.open('a');
    await waiting;
  });
});

describe('a schema that fails itself', () => {
  it.each<[string, StandardSchema<string>]>([
    [
      'throws',
      byHand(() => {
        throw new Error('broken');
      }),
    ],
    ['rejects', byHand(() => Promise.reject(new Error('broken')))],
  ])('is VALUE_INVALID with the failure as its cause: %s', async (_, schema) => {
    const queue = new IterableQueue({ transport: memory(), schema });
    const error = await invalid(() => queue.producer().put('a'));
    expect(error.cause).toEqual(new Error('broken'));
    expect(error.details.issues).toEqual([{ path: '', message: 'the schema failed: broken' }]);
  });
});

describe('the paths of issues', () => {
  it('read as one would write them', async () => {
    const path = ['lines', 2, { key: 'price in €' }, Symbol('s')];
    const queue = new IterableQueue({
      transport: memory(),
      schema: byHand<string, string>(() => ({ issues: [{ message: 'is wrong', path }] })),
    });
    const error = await invalid(() => queue.producer().put('a'));
    expect(error.details.issues).toEqual([
      { path: '.lines[2]["price in €"][Symbol(s)]', message: 'is wrong' },
    ]);
  });
});

describe('options that cannot be', () => {
  const schema = byHand<string, string>((value) => ({ value: value as string }));

  it.each<[string, object]>([
    ['check without a schema', { check: 'put' }],
    ['check elsewhere', { schema, check: 'never' }],
    ['no schema', { schema: { validate: () => true } }],
    ['a schema without validate', { schema: { '~standard': { version: 1, vendor: 'x' } } }],
  ])('are BAD_OPTION: %s', (_, options) => {
    expect(() => new IterableQueue({ transport: memory(), ...options })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }) as Error,
    );
  });

  it('are BAD_OPTION for an endpoint too', () => {
    const producer = new IterableQueue<string>({ transport: memory() }).producer();
    // @ts-expect-error -- not a schema
    expect(() => producer.checked({})).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }) as Error,
    );
  });
});
