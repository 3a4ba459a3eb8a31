import { asyncDispose } from '../../queues/travel.js';
import { equal, fails, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, local, timed } from '../case.js';

/** Q6 Closing is safe, Q7 Nothing wakes for nothing. */
export const closing: CaseSpec[] = [
  {
    rule: 'Q6',
    name: 'closing anything twice is harmless',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      queue.close();
      queue.close();
      for (let time = 0; time < 2; time++) {
        await t.given(t.op('close the producer', () => producer.close()));
        await t.given(t.op('close the consumer', () => consumer.close()));
      }
      await t.hasStats(queue, { producers: 0, consumers: 0 });
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q6',
    name: 'a put on a closed endpoint is a typed error, and puts nothing',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 1 });
      await t.given(t.op('close', () => producer.close()));
      await t.refused(t.op('put', () => producer.put(1)), 'ENDPOINT_CLOSED'); // prettier-ignore
      await t.refused(t.op('tryPut', () => producer.tryPut(1)), 'ENDPOINT_CLOSED'); // prettier-ignore
      await t.refused(t.op('putMany', () => producer.putMany([1])), 'ENDPOINT_CLOSED'); // prettier-ignore
      await t.refused(t.op('put with options', () => producer.put(1, { timeout: 5 })), 'ENDPOINT_CLOSED'); // prettier-ignore
      await t.hasStats(queue, { put: 0, producers: 0 });
    },
  },
  {
    rule: 'Q6',
    name: 'attaching a producer to a closed queue is a typed error; a consumer may attach until the end',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1);
      queue.close();
      await t.refused(t.op('producer', () => t.producer(queue)), 'QUEUE_CLOSED'); // prettier-ignore
      await fails(() => queue.producer(), 'QUEUE_CLOSED', 'producer()');
      await fails(() => queue.producerSlot(), 'QUEUE_CLOSED', 'producerSlot()');
      await t.put(producer, 2);
      await t.given(t.op('close', () => producer.close()));
      await t.gives(t.collect(await t.consumer(queue)), [1, 2]);
    },
  },
  {
    rule: 'Q6',
    name: 'closing a producer settles its waiting puts, at capacity 1, and puts nothing of them',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const puts = [
        t.op('put 1', () => producer.put(1)),
        t.op('putMany', () => producer.putMany([2, 3])),
      ];
      await t.waits(...puts);
      await t.given(t.op('close', () => producer.close()));
      for (const put of puts) await t.refused(put, 'ENDPOINT_CLOSED');
      queue.close();
      await t.gives(t.collect(consumer), [0]);
    },
  },
  {
    rule: 'Q6',
    name: 'closing a consumer settles all its waits',
    run: async (t) => {
      const { consumer } = await t.pair({ capacity: 1 });
      const waits = [
        t.op('get', () => consumer.get()),
        t.op('next', () => consumer.items().next()),
        t.op('next of deliveries', () => consumer.deliveries().next()),
        t.op('next of batches', () => consumer.batches().next()),
        t.op('takeMany', () => consumer.takeMany(3)),
      ];
      await t.waits(...waits);
      await t.given(t.op('close', () => consumer.close()));
      for (const wait of waits) await t.refused(wait, 'ENDPOINT_CLOSED');
      await t.refused(t.op('get', () => consumer.get()), 'ENDPOINT_CLOSED'); // prettier-ignore
      await t.refused(t.op('tryGet', () => consumer.tryGet()), 'ENDPOINT_CLOSED'); // prettier-ignore
    },
  },
  ...[1, 64, 65].map((count): CaseSpec => ({
    rule: 'Q6',
    name: `a consumer that leaves early gives back what it had not begun: ${count + 1} items`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 256 });
      const iterator = consumer.items();
      await t.put(producer, ...numbers(count + 1));
      equal(await t.next(iterator), 0, 'the first');
      await t.given(t.op('ack', () => consumer.ack()));
      await t.given(t.op('close', () => consumer.close()));
      await t.hasStats(queue, { size: count, inHand: 0, acked: 1 });
      const other = (await t.consumer(queue)).deliveries();
      for (const n of numbers(count, 1)) {
        const delivery = await t.next(other);
        equal([delivery.value, delivery.attempt], [n, 1], 'what was not begun');
        await t.given(t.op('ack', () => delivery.ack()));
      }
    },
  })),
  {
    rule: 'Q6',
    name: 'closing a consumer while one of its own waits could take what it gives back loses nothing',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      await t.next(deliveries);
      await t.next(deliveries);
      const next = t.op('next of items', () => consumer.items().next());
      const batch = t.op('next of batches', () => consumer.batches().next());
      await t.waits(next, batch);
      await t.given(t.op('close', () => consumer.close()));
      await t.refused(next, 'ENDPOINT_CLOSED');
      await t.refused(batch, 'ENDPOINT_CLOSED');
      await t.hasStats(queue, { size: 2, inHand: 0 });
      equal(await t.remaining(queue), [1, 2], 'what was given back');
    },
  },
  {
    rule: 'Q6',
    name: 'with items but no consumer, waits stay pending and an event names the queue',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const told: unknown[] = [];
      const stop = queue.on('no-consumer', (event) => told.push([event.queue, event.items]));
      await t.put(producer, 1);
      const put = t.op('put 2', () => producer.put(2));
      await t.waits(put);
      equal(told, [], 'events while there is a consumer');
      await t.given(t.op('close', () => consumer.close()));
      await t.waits(put);
      equal(told, [[queue.name, 1]], 'events');
      stop();
      equal(await t.remaining(queue), [1], 'what waited');
      await t.gives(put, 'accepted');
    },
  },
  {
    rule: 'Q6',
    name: 'a consumer that leaves an empty queue is no event',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const told: unknown[] = [];
      queue.on('no-consumer', (event) => told.push(event));
      await t.put(producer, 1);
      await t.get(consumer, 1);
      await t.given(t.op('close', () => consumer.close()));
      await t.settle();
      equal(told, [], 'events');
    },
  },
  {
    rule: 'Q6',
    name: 'disposing of a queue settles every wait on it',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = t.queue({ capacity: 1 });
      const taker = await t.consumer(other);
      await t.put(producer, 0);
      const deliveries = consumer.deliveries();
      await t.next(deliveries);
      await t.put(producer, 1);
      const waits = [
        t.op('put', () => producer.put(2)),
        t.op('putMany', () => producer.putMany([3, 4])),
        t.op('join', () => queue.join()),
        t.op('ended', () => queue.ended()),
        t.op('get', () => taker.get()),
        t.op('next', () => taker.items().next()),
      ];
      await t.waits(...waits);
      for (const disposed of [queue, other]) t.op('dispose', () => disposed[asyncDispose]());
      await t.settle();
      for (const wait of waits) ok(!wait.pending, `${wait.what} still waits`);
      await t.settle();
    },
  },
  {
    rule: 'Q6',
    name: 'join fails when the queue is disposed of: it may not say that all is settled',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const join = t.op('join', () => queue.join());
      await t.waits(join);
      t.op('dispose', () => queue[asyncDispose]());
      await t.refused(join, 'QUEUE_CLOSED');
    },
  },
  {
    rule: 'Q6',
    name: 'after a transport was closed, every use is a coded error and nothing waits',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 0);
      await t.settle();
      await t.given(t.op('close the transport', () => t.fixture.transport.close()));
      const uses = [
        t.op('put', () => producer.put(1)),
        t.op('get', () => consumer.get()),
        t.op('next', () => consumer.items().next()),
        t.op('join', () => queue.join()),
        t.op('producer()', () => queue.producer()),
        t.op('consumer()', () => queue.consumer()),
        t.op('a queue', () => t.queue()),
      ];
      await t.settle();
      for (const use of uses) {
        ok(!use.pending, `${use.what} waits on a closed transport`);
        ok(use.state === 'failed', `${use.what} seems to work on a closed transport`);
        const { code } = use.error as { code?: unknown };
        ok(
          code === 'TRANSPORT_CLOSED' || code === 'ENDPOINT_LOST',
          `${use.what} failed with ${String(code)}`,
        );
      }
    },
  },
  {
    rule: 'Q6',
    name: 'a closed endpoint says so',
    when: local,
    run: async (t) => {
      const queue = t.queue();
      const [producer, consumer] = [queue.producer(), queue.consumer()];
      equal([producer.closed, consumer.closed], [false, false], 'before');
      await t.given(t.op('close', () => producer.close()));
      await t.given(t.op('close', () => consumer.close()));
      equal([producer.closed, consumer.closed], [true, true], 'after');
    },
  },
  {
    rule: 'Q7',
    name: 'waits without a time-out set no timer, and time alone changes nothing',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const empty = t.queue({ capacity: 1 });
      const taker = await t.consumer(empty);
      await t.put(producer, 0);
      const waits = [
        t.op('put', () => producer.put(1)),
        t.op('join', () => queue.join()),
        t.op('ended', () => queue.ended()),
        t.op('get', () => taker.get()),
        t.op('next', () => taker.items().next()),
        t.op('next of batches', () => taker.batches({ max: 10 }).next()),
      ];
      await t.waits(...waits);
      equal(t.clock.pending(), { timers: 0, deferred: 0 }, 'pending while all wait');
      await t.advance(86_400_000);
      await t.waits(...waits);
      equal(t.clock.pending(), { timers: 0, deferred: 0 }, 'pending a day later');
      await t.get(consumer, 2);
    },
  },
  {
    rule: 'Q7',
    name: 'a wait that is over has cleared its timer, however it ended',
    when: timed,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const get = t.op('get', () => consumer.get({ timeout: 1000 }));
      const next = t.op('next', () => consumer.items({ timeout: 1000 }).next());
      await t.waits(get, next);
      t.op('put 1', () => producer.put(1));
      await t.settle();
      t.op('put 2', () => producer.put(2));
      await t.gives(get, 1);
      await t.gives(next, { done: false, value: 2 });
      t.op('put 3', () => producer.put(3));
      await t.settle();
      const cancel = t.signal();
      const put = t.op('put 4', () => producer.put(4, { timeout: 1000, signal: cancel.signal }));
      await t.waits(put);
      cancel.abort();
      await t.refused(put, 'ABORTED');
      equal(t.clock.pending().timers, 0, 'timers');
      await t.given(t.op('ack', () => consumer.ack()));
    },
  },
];
