import {
  type CheckAt,
  Consumer,
  type ConsumerEndpoint,
  defineWorker,
  type ItemHeaders,
  IterableQueue,
  memory,
  Producer,
  type ProducerEndpoint,
  type Propagation,
} from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { byHand } from './contracts/schemas.js';

/** Numbers what is put, whatever is put. */
function numbering(prefix = 'n'): Propagation {
  let n = 0;
  return {
    inject: (headers) => {
      headers['at'] = `${prefix}${String(n++)}`;
    },
  };
}

/** The next rejection that nobody handles: this test's own affair. */
function unhandled(): Promise<unknown> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  });
  return new Promise((resolve) => process.once('unhandledRejection', resolve));
}

async function headersOf(
  consumer: ConsumerEndpoint<unknown>,
  count: number,
): Promise<(ItemHeaders | undefined)[]> {
  const found: (ItemHeaders | undefined)[] = [];
  for await (const delivery of consumer.deliveries()) {
    found.push(delivery.headers);
    delivery.ack();
    if (found.length === count) break;
  }
  return found;
}

const positive = byHand<number, number>(async (value) =>
  (value as number) > 0 ? { value: value as number } : { issues: [{ message: 'no' }] },
);

const transport = memory();

describe.each<[string, (propagation: Propagation) => IterableQueue<number, number, CheckAt>]>([
  ['alone', (propagation) => new IterableQueue({ transport, propagation })],
  [
    'with a schema',
    (propagation) => new IterableQueue({ transport, propagation, schema: positive, check: 'both' }),
  ],
  ['confirmed', (propagation) => new IterableQueue({ transport, propagation, confirm: 'each' })],
  [
    'lossy',
    (propagation) => new IterableQueue({ transport, propagation, overflow: 'drop-oldest' }),
  ],
])('a queue with a propagation, %s', (_, open) => {
  it('writes into the headers of whatever is put: once for each call', async () => {
    const queue = open(numbering());
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    await producer.put(1);
    await producer.put(2, { timeout: 1000 });
    await producer.tryPut(3);
    await producer.putMany([4, 5]);
    await producer.putAll([6]);
    await producer.put(7, { headers: { own: 'x', at: 'mine' } });
    expect(await headersOf(consumer, 7)).toEqual([
      { at: 'n0' },
      { at: 'n1' },
      { at: 'n2' },
      { at: 'n3' },
      { at: 'n3' },
      { at: 'n4' },
      { own: 'x', at: 'n5' },
    ]);
  });
});

describe('a propagation', () => {
  it('is asked when the item is put, and not when there is room for it', async () => {
    const queue = new IterableQueue<number>({
      transport: memory(),
      capacity: 1,
      propagation: numbering(),
    });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    await producer.put(1);
    expect(await producer.tryPut(2)).toBe(false);
    expect(producer.whenRoom()).toBeInstanceOf(Promise);
    const waiting = producer.put(2);
    expect(await headersOf(consumer, 2)).toEqual([{ at: 'n0' }, { at: 'n2' }]);
    await waiting;
  });

  it('that writes nothing costs the item no headers, and one that throws harms it not', async () => {
    const seen = unhandled();
    let broken = false;
    const inject = (): void => {
      if (broken) throw new Error('broken');
    };
    const queue = new IterableQueue<number>({ transport: memory(), propagation: { inject } });
    const producer = queue.producer();
    await producer.put(1);
    broken = true;
    await producer.put(2, { headers: { own: 'x' } });
    expect(await headersOf(queue.consumer(), 2)).toEqual([undefined, { own: 'x' }]);
    expect(await seen).toEqual(new Error('broken'));
  });

  it('holds for what deliveries put too', async () => {
    const queue = new IterableQueue<number>({ transport: memory(), propagation: numbering() });
    const consumer = queue.consumer();
    await queue.producer().put(1);
    for await (const delivery of consumer.deliveries()) {
      await delivery.put(2);
      await delivery.tryPut(3);
      delivery.ack();
      break;
    }
    expect(await headersOf(consumer, 2)).toEqual([{ at: 'n1' }, { at: 'n2' }]);
  });

  it('stays behind when an endpoint is handed over, and is said again there', async () => {
    const queue = new IterableQueue<number>({
      transport,
      propagation: numbering(),
      schema: positive,
    });
    const work = async ({ out }: { out: ProducerEndpoint<number> }) => {
      await out.traced(numbering('w')).checked(positive).put(1);
      await out.put(2);
    };
    const bare = new IterableQueue<number>({ transport, propagation: numbering() });
    await transport
      .start(
        defineWorker(() => Promise.resolve({ default: work })),
        { out: queue.producer() },
      )
      .result();
    expect(await headersOf(queue.consumer(), 2)).toEqual([{ at: 'w0' }, { at: 'w1' }]);
    const plain = async ({ out }: { out: ProducerEndpoint<number> }) => out.put(1);
    await transport
      .start(
        defineWorker(() => Promise.resolve({ default: plain })),
        { out: bare.producerSlot() },
      )
      .result();
    expect(await headersOf(bare.consumer(), 1)).toEqual([undefined]);
  });
});

describe('workers', () => {
  it('that produce write into the headers of what they make', async () => {
    class Count {
      readonly propagation = numbering('c');
      private n = 0;
      work() {
        return this.n++;
      }
    }
    const queue = new IterableQueue<number>({ transport, capacity: 2 });
    const count = new Producer(
      defineWorker(() => Promise.resolve({ default: Count })),
      { transport, outbox: false },
    );
    count.subscribe(queue);
    await count.start();
    expect(await headersOf(queue.consumer(), 3)).toEqual([
      { at: 'c0' },
      { at: 'c1' },
      { at: 'c2' },
    ]);
    await count.stop();
  });

  it('that consume work in the context of their items, each time they try', async () => {
    const ran: unknown[] = [];
    let failures = 1;
    const work = (items: readonly number[]): number => {
      ran.push(items);
      if (failures-- > 0) throw new Error('not yet');
      return items.length;
    };
    const propagation: Propagation = {
      inject: () => undefined,
      extract: (headers, run) => {
        ran.push(headers);
        return run();
      },
    };
    const queue = new IterableQueue<number>({ transport });
    const producer = queue.producer();
    await producer.put(1, { headers: { at: 'a' } });
    await producer.put(2);
    const consumer = new Consumer(
      defineWorker(() => Promise.resolve({ default: Object.assign(work, { propagation }) })),
      {
        transport,
        input: queue,
        batchSize: 2,
        retry: { backoff: { min: 0 } },
      },
    );
    consumer.on('error', () => undefined);
    await consumer.start();
    await consumer.stopAtQueueEnd();
    const batch = [
      [{ at: 'a' }, undefined],
      [1, 2],
    ];
    expect(ran).toEqual([...batch, ...batch]);
  });
});
