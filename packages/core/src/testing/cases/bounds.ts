import { equal, fails, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, EDGES, timed } from '../case.js';

/** Q3 Bounded. */
export const bounds: CaseSpec[] = [
  ...[1, 2, 3, ...EDGES].map((capacity): CaseSpec => ({
    rule: 'Q3',
    name: `capacity ${capacity} takes exactly as many, and one more for each item taken`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity });
      await t.put(producer, ...numbers(capacity));
      const more = [
        t.op('put beyond', () => producer.put(capacity)),
        t.op('put beyond', () => producer.put(capacity + 1)),
      ] as const;
      await t.waits(...more);
      await t.hasStats(queue, { size: capacity });
      equal(await t.get(consumer, 1), [0], 'the first item');
      await t.gives(more[0], 'accepted');
      await t.waits(more[1]);
      await t.hasStats(queue, { size: capacity });
      equal(await t.get(consumer, capacity + 1), numbers(capacity + 1, 1), 'the others');
      await t.gives(more[1], 'accepted');
    },
  })),
  {
    rule: 'Q3',
    name: 'the bound holds over all producers together',
    run: async (t) => {
      const queue = t.queue({ capacity: 3 });
      const producers = [
        await t.producer(queue),
        await t.producer(queue),
        await t.producer(queue),
        await t.producer(queue),
      ];
      const puts = producers.flatMap((producer) => [
        t.op('put', () => producer.put(1)),
        t.op('put', () => producer.put(2)),
      ]);
      await t.settle();
      equal(puts.filter((put) => !put.pending).length, 3, 'puts accepted');
      await t.hasStats(queue, { size: 3 });
      const consumer = await t.consumer(queue);
      await t.get(consumer, 8);
      for (const put of puts) await t.gives(put, 'accepted');
    },
  },
  {
    rule: 'Q3',
    name: 'items in hand do not count, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const deliveries = consumer.deliveries();
      await t.put(producer, 0);
      const first = await t.next(deliveries);
      await t.put(producer, 1);
      const second = await t.next(deliveries);
      await t.put(producer, 2);
      await t.hasStats(queue, { size: 1, inHand: 2 });
      await t.given(t.op('ack', () => first.ack()));
      await t.given(t.op('ack', () => second.ack()));
      equal(await t.get(consumer, 1), [2], 'what waited');
    },
  },
  {
    rule: 'Q3',
    name: 'what is given back may exceed the capacity, and puts wait until it is below again',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const deliveries = consumer.deliveries();
      await t.put(producer, 0);
      const first = await t.next(deliveries);
      await t.put(producer, 1);
      await t.given(t.op('nack', () => first.nack()));
      await t.hasStats(queue, { size: 2 });
      const put = t.op('put 2', () => producer.put(2));
      await t.waits(put);
      equal(await t.get(consumer, 1), [0], 'what was given back');
      await t.waits(put);
      equal(await t.get(consumer, 1), [1], 'what waited');
      await t.gives(put, 'accepted');
      equal(await t.get(consumer, 1), [2], 'what was put at last');
    },
  },
  ...[1, 64].map((capacity): CaseSpec => ({
    rule: 'Q3',
    name: `tryPut answers false when full and never waits, at capacity ${capacity}`,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity });
      for (const n of numbers(capacity))
        await t.gives(
          t.op('tryPut', () => producer.tryPut(n)),
          true,
        );
      await t.gives(
        t.op('tryPut when full', () => producer.tryPut('no')),
        false,
      );
      equal(await t.get(consumer, 1), [0], 'the first item');
      await t.gives(
        t.op('tryPut', () => producer.tryPut(capacity)),
        true,
      );
      await t.gives(
        t.op('tryPut when full', () => producer.tryPut('no')),
        false,
      );
      equal(await t.get(consumer, capacity), numbers(capacity, 1), 'the others');
    },
  })),
  {
    rule: 'Q3',
    name: 'tryGet answers at once, undefined when empty, and tells an item that is undefined',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
      await t.put(producer, undefined);
      await t.settle();
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        { value: undefined },
      );
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
    },
  },
  {
    rule: 'Q3',
    name: 'tryGet finds an item that another consumer might have been given, but did not ask for',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8 });
      const other = await t.consumer(queue);
      const iterator = other.items();
      await t.put(producer, ...numbers(3));
      equal(await t.next(iterator), 0, 'what the other took');
      await t.settle();
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        { value: 1 },
      );
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        { value: 2 },
      );
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
  {
    rule: 'Q3',
    name: 'idle producers starve no other: one that works fills the queue alone',
    run: async (t) => {
      const queue = t.queue({ capacity: 64 });
      const idle = [];
      for (const n of numbers(7)) {
        const producer = await t.producer(queue);
        await t.put(producer, n);
        idle.push(producer);
      }
      const busy = await t.producer(queue);
      const puts = numbers(60, 7).map((n) => t.op(`put ${n}`, () => busy.put(n)));
      await t.settle();
      equal(
        puts.filter((put) => !put.pending).length,
        57,
        'puts of the busy one that were accepted',
      );
      const consumer = await t.consumer(queue);
      await t.get(consumer, 67);
      for (const put of puts) await t.gives(put, 'accepted');
    },
  },
  {
    rule: 'Q3',
    name: 'an idle consumer starves no other: all items reach the one that asks',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 64 });
      const idle = await t.consumer(queue);
      const iterator = idle.items();
      await t.put(producer, ...numbers(64));
      equal(await t.next(iterator), 0, 'what the idle one took');
      equal(await t.get(consumer, 63), numbers(63, 1), 'what the other took');
      await t.given(t.op('return', () => iterator.return!()));
      equal(await t.get(consumer, 1), [0], 'what came back');
    },
  },
  {
    rule: 'Q3',
    name: 'producers that wait at capacity 1 are served in turns',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [a, b] = [await t.producer(queue), await t.producer(queue)];
      const consumer = await t.consumer(queue);
      await t.put(a, 'first');
      for (const n of numbers(3)) t.op('put a', () => a.put(`a${n}`));
      await t.settle();
      for (const n of numbers(3)) t.op('put b', () => b.put(`b${n}`));
      await t.settle();
      const got = (await t.get(consumer, 7)) as string[];
      ok(
        got.slice(1, 5).some((item) => item.startsWith('b')),
        `b's items came only after all of a's: ${got.join(' ')}`,
      );
    },
  },
  {
    rule: 'Q3',
    name: 'a long putMany that waits at capacity 1 keeps no other producer waiting to its end',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [a, b] = [await t.producer(queue), await t.producer(queue)];
      const consumer = await t.consumer(queue);
      const many = t.op('putMany', () => a.putMany(numbers(20)));
      await t.waits(many);
      const put = t.op('put b', () => b.put('b'));
      await t.waits(put);
      const got = await t.get(consumer, 10);
      ok(got.includes('b'), `10 items were taken, and b's was not among them: ${got.join(' ')}`);
      await t.gives(put, 'accepted');
      await t.get(consumer, 11);
      await t.given(many);
    },
  },
  {
    rule: 'Q3',
    name: 'a put whose time-out passes while it waits puts nothing, and frees its place in line',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const first = t.op('put 1', () => producer.put(1, { timeout: 100 }));
      const second = t.op('put 2', () => producer.put(2));
      await t.waits(first, second);
      await t.advance(99);
      await t.waits(first, second);
      await t.advance(1);
      await t.refused(first, 'TIMED_OUT');
      await t.waits(second);
      equal(await t.get(consumer, 2), [0, 2], 'items');
      await t.gives(second, 'accepted');
      await t.hasStats(queue, { put: 2, size: 0 });
    },
  },
  {
    rule: 'Q3',
    name: 'a capacity that cannot be is refused with the place named',
    run: async (t) => {
      for (const capacity of [0, -1, NaN, 1.5, '3', -Infinity] as number[]) {
        const error = await fails(
          () => t.queue({ capacity }),
          'BAD_OPTION',
          `capacity ${String(capacity)}`,
        );
        ok(
          error.message.includes('capacity'),
          `the error does not name the option: ${error.message}`,
        );
      }
    },
  },
  {
    rule: 'Q3',
    name: 'an unbounded queue takes all',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: Infinity });
      await t.givenAll(numbers(3000).map((n) => t.op('put', () => producer.put(n))));
      await t.hasStats(queue, { size: 3000 });
      equal(await t.get(consumer, 3000), numbers(3000), 'items');
    },
  },
  {
    rule: 'Q3',
    name: 'stats answers while puts and gets wait',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const put = t.op('put 1', () => producer.put(1));
      await t.waits(put);
      const stats = await t.given(t.op('stats', () => queue.stats()));
      equal(stats.size, 1, 'size');
      equal(await t.remaining(queue), [0], 'what was there');
      await t.gives(put, 'accepted');
    },
  },
];
