import { equal, fails, ok } from '../assert.js';
import { allDeliveries, all, numbers } from '../bench.js';
import { type CaseSpec, dropsOldest, EDGES, local, timed } from '../case.js';
import type { FarConsumer, FarDelivery } from '../far.js';

/** Ways to take a known number of items. */
const WAYS: Record<string, (consumer: FarConsumer, count: number) => Promise<unknown[]>> = {
  'by get': async (consumer, count) => {
    const got: unknown[] = [];
    while (got.length < count) got.push(await consumer.get());
    return got;
  },
  'by iterating': (consumer) => all(consumer.items()),
  'by batches': async (consumer) => (await all(consumer.batches({ max: 64 }))).flat(),
  'by takeMany': async (consumer, count) => {
    const got: unknown[] = [];
    while (got.length < count) got.push(...(await consumer.takeMany(10)));
    return got;
  },
  'by deliveries': async (consumer) => {
    const got: unknown[] = [];
    const deliveries = consumer.deliveries();
    for (let step = await deliveries.next(); step.done !== true; step = await deliveries.next()) {
      got.push(step.value.value);
      await step.value.ack();
    }
    return got;
  },
};

const FIFO: [capacity: number, count: number, way: string][] = [
  [1, 20, 'by get'],
  [1, 20, 'by iterating'],
  [1, 20, 'by batches'],
  [1, 20, 'by takeMany'],
  [1, 20, 'by deliveries'],
  [2, 65, 'by iterating'],
  ...EDGES.map((edge): [number, number, string] => [edge, edge + 1, 'by get']),
  ...EDGES.map((edge): [number, number, string] => [64, edge, 'by iterating']),
  [1024, 2500, 'by batches'],
];

/** Q1 Directed, Q2 Order. */
export const order: CaseSpec[] = [
  {
    rule: 'Q1',
    name: 'a put on a consumer endpoint is a coded error, and the queue goes on',
    when: local,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const wrong = consumer as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const method of ['put', 'tryPut', 'putMany'])
        await fails(() => wrong[method]?.(1), 'WRONG_DIRECTION', `consumer.${method}`);
      await t.put(producer, 'right');
      equal(await t.get(consumer, 1), ['right'], 'what was put rightly');
    },
  },
  {
    rule: 'Q1',
    name: 'a get on a producer endpoint is a coded error, and the queue goes on',
    when: local,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const wrong = producer as unknown as Record<string, (...args: unknown[]) => unknown>;
      await t.put(producer, 'right');
      for (const method of ['get', 'tryGet', 'takeMany', 'items', 'deliveries', 'batches', 'take'])
        await fails(() => wrong[method]?.(1), 'WRONG_DIRECTION', `producer.${method}`);
      equal(await t.get(consumer, 1), ['right'], 'what was put rightly');
    },
  },
  {
    rule: 'Q1',
    name: 'what was put comes out at consumers, all of it and once, over several endpoints',
    run: async (t) => {
      const queue = t.queue({ capacity: 3 });
      const producers = [await t.producer(queue), await t.producer(queue), await t.producer(queue)];
      const consumers = [await t.consumer(queue), await t.consumer(queue)];
      queue.close();
      const taking = consumers.map((consumer) => t.collect(consumer));
      const putting = producers.map((producer, p) =>
        t.op(`producer ${p}`, async () => {
          for (const n of numbers(50)) await producer.put(p * 100 + n);
          await producer.close();
        }),
      );
      for (const op of putting) await t.given(op);
      const got: unknown[] = [];
      for (const op of taking) got.push(...(await t.given(op)));
      const expected = producers.flatMap((_, p) => numbers(50, p * 100));
      equal(
        (got as number[]).sort((a, b) => a - b),
        expected,
        'all items',
      );
    },
  },
  ...FIFO.map(([capacity, count, way]): CaseSpec => ({
    rule: 'Q2',
    name: `first in, first out ${way}: ${count} items at capacity ${capacity}`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity });
      queue.close();
      const taking = t.op(way, () => WAYS[way]!(consumer, count));
      const putting = t.op('putting', async () => {
        for (const n of numbers(count)) await producer.put(n);
        await producer.close();
      });
      await t.given(putting);
      equal(await t.given(taking), numbers(count), 'items in the order they were taken');
    },
  })),
  ...[1, 2, 64].map((capacity): CaseSpec => ({
    rule: 'Q2',
    name: `each producer's items reach each consumer in order, at capacity ${capacity}`,
    run: async (t) => {
      const queue = t.queue({ capacity });
      const producers = [await t.producer(queue), await t.producer(queue), await t.producer(queue)];
      const consumers = [await t.consumer(queue), await t.consumer(queue)];
      queue.close();
      const taking = consumers.map((consumer) => t.op('taking', () => allDeliveries(consumer.deliveries())));
      for (const [p, producer] of producers.entries())
        t.op(`producer ${p}`, async () => {
          for (const n of numbers(100)) await producer.put([p, n]);
          await producer.close();
        });
      for (const op of taking) {
        const latest = producers.map(() => -1);
        for (const [value, attempt] of await t.given(op)) {
          const [p, n] = value as [number, number];
          // What another had fetched and gave back may come late, and says so.
          if (attempt > 1) continue;
          ok(n > latest[p]!, `item ${n} of producer ${p} came after its item ${latest[p]!}`);
          latest[p] = n;
        }
      }
    },
  })),
  {
    rule: 'Q2',
    name: 'puts that wait at capacity 1 are served in the order of their calls',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const puts = numbers(10).map((n) => t.op(`put ${n}`, () => producer.put(n)));
      const many = t.op('putMany', () => producer.putMany([10, 11, 12]));
      const last = t.op('put 13', () => producer.put(13));
      equal(await t.get(consumer, 14), numbers(14), 'items in the order they were taken');
      for (const put of puts) await t.gives(put, 'accepted');
      await t.gives(many, { accepted: 3, dropped: 0, refused: 0 });
      await t.gives(last, 'accepted');
    },
  },
  {
    rule: 'Q2',
    name: 'cancelling one of the puts that wait leaves the order of the others',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const cancel = t.signal();
      const first = t.op('put 1', () => producer.put(1));
      const second = t.op('put 2', () => producer.put(2, { signal: cancel.signal }));
      const third = t.op('put 3', () => producer.put(3));
      await t.waits(first, second, third);
      cancel.abort();
      await t.refused(second, 'ABORTED');
      equal(await t.get(consumer, 3), [0, 1, 3], 'items in the order they were taken');
      await t.gives(first, 'accepted');
      await t.gives(third, 'accepted');
    },
  },
  {
    rule: 'Q2',
    name: 'gets that wait are served in the order of their calls, and a cancelled one is passed over',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const cancel = t.signal();
      const gets = [
        t.op('get 1', () => consumer.get()),
        t.op('get 2', () => consumer.get({ signal: cancel.signal })),
        t.op('get 3', () => consumer.get()),
      ] as const;
      await t.waits(...gets);
      cancel.abort();
      await t.put(producer, 'a');
      await t.settle();
      await t.put(producer, 'b');
      await t.refused(gets[1], 'ABORTED');
      await t.gives(gets[0], 'a');
      await t.gives(gets[2], 'b');
    },
  },
  {
    rule: 'Q2',
    name: 'an iterator that is asked twice at once gives two items in order',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const iterator = consumer.items();
      const first = t.op('next 1', () => iterator.next());
      const second = t.op('next 2', () => iterator.next());
      await t.waits(first, second);
      t.op('put a', () => producer.put('a'));
      await t.settle();
      t.op('put b', () => producer.put('b'));
      await t.gives(first, { done: false, value: 'a' });
      await t.gives(second, { done: false, value: 'b' });
      t.op('return', () => iterator.return!());
    },
  },
  {
    rule: 'Q2',
    name: 'what is given back comes before what waits, and says that it is a redelivery',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, ...numbers(4));
      const deliveries = consumer.deliveries();
      const [first, second] = [await t.next(deliveries), await t.next(deliveries)];
      await t.given(t.op('nack 1', () => second.nack()));
      await t.given(t.op('nack 0', () => first.nack()));
      await t.settle();
      const again = [
        await t.next(deliveries),
        await t.next(deliveries),
        await t.next(deliveries),
        await t.next(deliveries),
      ];
      equal(
        again.map((delivery) => [delivery.value, delivery.attempt, delivery.redelivered]),
        [
          [0, 2, true],
          [1, 2, true],
          [2, 1, false],
          [3, 1, false],
        ],
        'deliveries',
      );
      for (const delivery of again) await t.given(t.op('ack', () => delivery.ack()));
    },
  },
  {
    rule: 'Q2',
    name: 'an item that comes after a later one, though nobody saw it before, says so',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const other = await t.consumer(queue);
      const deliveries = consumer.deliveries();
      const cancel = t.signal();
      let next = t.op('next', () => deliveries.next());
      await t.waits(next);
      const batch = t.op('batch', () =>
        other.batches({ max: 9, within: 1000, signal: cancel.signal }).next(),
      );
      await t.waits(batch);
      let latest = -1;
      for (const n of numbers(9)) {
        // Half way, what the batch has gathered goes back.
        if (n === 6) cancel.abort();
        else if (n < 6) await t.put(producer, n);
        await t.settle();
        while (!next.pending) {
          const { value: delivery } = next.given() as IteratorYieldResult<FarDelivery>;
          ok(
            (delivery.value as number) > latest || delivery.attempt > 1,
            `item ${String(delivery.value)} came after ${latest}, unmarked`,
          );
          latest = Math.max(latest, delivery.value as number);
          await t.given(t.op('ack', () => delivery.ack()));
          next = t.op('next', () => deliveries.next());
          await t.settle();
        }
      }
      await t.refused(batch, 'ABORTED');
      await t.hasStats(queue, { acked: 6, size: 0, inHand: 0 });
    },
  },
  {
    rule: 'Q2',
    name: 'first in, first out while an unbounded queue grows',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: Infinity });
      await t.given(t.op('putMany', () => producer.putMany(numbers(700))));
      await t.settle();
      const got = await t.get(consumer, 500);
      await t.given(t.op('putMany', () => producer.putMany(numbers(2500, 700))));
      await t.settle();
      got.push(...(await t.get(consumer, 2700)));
      equal(got, numbers(3200), 'items in the order they were taken');
    },
  },
  {
    rule: 'Q2',
    name: 'drop-oldest keeps the order of what is left',
    when: dropsOldest,
    run: async (t) => {
      const { producer, consumer, queue } = await t.pair({ capacity: 3, overflow: 'drop-oldest' });
      for (const n of numbers(8)) await t.given(t.op(`put ${n}`, () => producer.put(n)));
      await t.hasStats(queue, { size: 3 });
      equal(await t.get(consumer, 3), [5, 6, 7], 'what was left');
    },
  },
];
