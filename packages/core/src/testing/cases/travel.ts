import { equal, fails } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, crashes, moves } from '../case.js';

/** Q15 Endpoints travel. */
export const travel: CaseSpec[] = [
  {
    rule: 'Q15',
    name: 'a producer that was handed over works there, at capacity 1, and is an error here',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const here = queue.producer();
      const there = t.keep(await t.fixture.moveProducer!(here));
      const consumer = await t.consumer(queue);
      for (const use of [
        () => here.put(1),
        () => here.tryPut(1),
        () => here.putMany([1]),
        () => here.put(1, { timeout: 1 }),
      ])
        await fails(use, 'ENDPOINT_MOVED', 'a put here');
      queue.close();
      const taking = t.collect(consumer);
      const puts = numbers(3).map((n) => t.op(`put ${n}`, () => there.put(n)));
      for (const put of puts) await t.gives(put, 'accepted');
      await t.given(t.op('close there', () => there.close()));
      await t.gives(taking, [0, 1, 2]);
      await t.given(t.op('close here', () => here.close()));
    },
  },
  {
    rule: 'Q15',
    name: 'a consumer that was handed over works there, at capacity 1, and is an error here',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = await t.producer(queue);
      const here = queue.consumer();
      const there = t.keep(await t.fixture.moveConsumer!(here));
      for (const use of [
        () => here.get(),
        () => here.tryGet(),
        () => here.takeMany(2),
        () => here.items().next(),
        () => here.deliveries().next(),
      ])
        await fails(use, 'ENDPOINT_MOVED', 'a get here');
      await t.put(producer, 1);
      equal(await t.get(there, 1), [1], 'an item there');
      await t.given(t.op('close here', () => here.close()));
      await t.put(producer, 2);
      equal(await t.get(there, 1), [2], 'an item there, after close here');
    },
  },
  {
    rule: 'Q15',
    name: 'an endpoint in use, or closed, cannot be handed over, and goes on',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = t.keep(queue.producer());
      const consumer = t.keep(queue.consumer());
      await t.put(producer, 0);
      const put = t.op('put 1', () => producer.put(1));
      await t.waits(put);
      await fails(
        () => t.fixture.moveProducer!(producer),
        'ENDPOINT_BUSY',
        'moving a producer with a put that waits',
      );
      const iterator = consumer.items();
      equal(await t.next(iterator), 0, 'an item');
      await fails(
        () => t.fixture.moveConsumer!(consumer),
        'ENDPOINT_BUSY',
        'moving a consumer with an iteration',
      );
      await t.gives(put, 'accepted');
      equal(await t.next(iterator), 1, 'the next item');
      await t.given(t.op('return', () => iterator.return!()));
      const closed = queue.producer();
      await t.given(t.op('close', () => closed.close()));
      await fails(
        () => t.fixture.moveProducer!(closed),
        'ENDPOINT_CLOSED',
        'moving a closed producer',
      );
    },
  },
  {
    rule: 'Q15',
    name: 'a consumer with a get that waits cannot be handed over, and goes on',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = await t.producer(queue);
      const consumer = t.keep(queue.consumer());
      const get = t.op('get', () => consumer.get());
      await t.waits(get);
      await fails(
        () => t.fixture.moveConsumer!(consumer),
        'ENDPOINT_BUSY',
        'moving a consumer with a get that waits',
      );
      await t.put(producer, 1);
      await t.gives(get, 1);
    },
  },
  {
    rule: 'Q15',
    name: 'what was put here before the endpoint left comes first',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 8 });
      const here = queue.producer();
      for (const n of numbers(3)) await t.given(t.op('put here', () => here.put(n)));
      const there = t.keep(await t.fixture.moveProducer!(here));
      for (const n of numbers(3, 3)) await t.given(t.op('put there', () => there.put(n)));
      await t.settle();
      equal(await t.get(await t.consumer(queue), 6), numbers(6), 'items');
    },
  },
  {
    rule: 'Q15',
    name: 'a slot mints a fresh endpoint at each start, and counts as open until it is given up',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 8 });
      const slot = queue.producerSlot();
      const taking = t.collect(await t.consumer(queue));
      queue.close();
      for (const n of numbers(3)) {
        const producer = await t.fixture.moveProducer!(slot);
        await t.given(t.op('put', () => producer.put(n)));
        await t.given(t.op('close', () => producer.close()));
        await t.waits(taking);
      }
      slot.close();
      await t.gives(taking, [0, 1, 2]);
      await fails(
        () => t.fixture.moveProducer!(slot),
        'ENDPOINT_CLOSED',
        'starting from a slot that was given up',
      );
    },
  },
  {
    rule: 'Q15',
    name: 'a consumer slot keeps its place: no event while its worker is away',
    when: moves,
    run: async (t) => {
      const queue = t.queue({ capacity: 8 });
      const producer = await t.producer(queue);
      const slot = queue.consumerSlot();
      const told: unknown[] = [];
      const stop = queue.on('no-consumer', (event) => told.push(event.items));
      await t.put(producer, 1, 2);
      const first = await t.fixture.moveConsumer!(slot);
      equal(await t.get(first, 1), [1], 'what the first one took');
      await t.given(t.op('close', () => first.close()));
      await t.settle();
      equal(told, [], 'events while the slot is open');
      const second = await t.fixture.moveConsumer!(slot);
      equal(await t.get(second, 1), [2], 'what the second one took');
      await t.put(producer, 3);
      await t.given(t.op('close', () => second.close()));
      slot.close();
      await t.settle();
      equal(told, [1], 'events once it is given up');
      stop();
    },
  },
  {
    rule: 'Q15',
    name: 'a worker that dies is replaced through its slot, and nothing is lost',
    when: (target) => moves(target) && crashes(target),
    run: async (t) => {
      const queue = t.queue({ capacity: 8 });
      const producer = await t.producer(queue);
      const slot = queue.consumerSlot();
      await t.put(producer, ...numbers(8));
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const first = await t.fixture.moveConsumer!(slot);
      await t.next(first.deliveries());
      await t.fixture.crash!(first);
      await t.settle();
      const second = t.keep(await t.fixture.moveConsumer!(slot));
      await t.gives(t.collect(second), numbers(8));
      slot.close();
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
];
