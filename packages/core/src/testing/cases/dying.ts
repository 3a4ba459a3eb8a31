import { equal, ok } from '../assert.js';
import { allDeliveries, numbers } from '../bench.js';
import { type CaseSpec, crashes, EDGES, putsAtOnce } from '../case.js';

/** Q11 A dead consumer loses nothing, Q12 A dead producer hangs nobody. */
export const dying: CaseSpec[] = [
  ...[2, 64, 257].map((count): CaseSpec => ({
    rule: 'Q11',
    name: `a consumer that closes with ${count} in hand loses none: they are delivered again, and say so`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 512 });
      const other = await t.consumer(queue);
      await t.put(producer, ...numbers(count));
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const deliveries = consumer.deliveries();
      const held = await t.nexts(deliveries, count);
      await t.given(t.op('ack', () => held[0]!.ack()));
      const taking = t.op('the other', () => allDeliveries(other.deliveries()));
      await t.waits(taking);
      await t.given(t.op('close', () => consumer.close()));
      await t.gives(taking, numbers(count - 1, 1).map((n) => [n, 2])); // prettier-ignore
      await t.refused(t.op('a late ack', () => held[1]!.ack()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.given(t.op('ended', () => queue.ended()));
    },
  })),
  {
    rule: 'Q11',
    name: 'attempts are counted, over any consumer, until the item is settled',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = await t.consumer(queue);
      const [here, there] = [consumer.deliveries(), other.deliveries()];
      await t.put(producer, 'x');
      for (const n of numbers(5)) {
        const delivery = await t.next(n % 2 === 0 ? here : there);
        equal([delivery.value, delivery.attempt], ['x', n + 1], 'delivery');
        await t.given(
          t.op(n < 4 ? 'nack' : 'ack', () => (n < 4 ? delivery.nack() : delivery.ack())),
        );
      }
      await t.hasStats(queue, { taken: 5, redelivered: 4, acked: 1, size: 0 });
    },
  },
  {
    rule: 'Q11',
    name: 'an attempt counts only what user code received: a wait that was given up does not',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const cancel = t.signal();
      const next = t.op('next', () =>
        consumer.batches({ max: 3, within: 1000, signal: cancel.signal }).next(),
      );
      await t.put(producer, 1, 2);
      await t.waits(next);
      cancel.abort();
      await t.refused(next, 'ABORTED');
      await t.hasStats(queue, { size: 2, inHand: 0, taken: 0 });
      const deliveries = (await t.consumer(queue)).deliveries();
      for (const n of [1, 2]) {
        const delivery = await t.next(deliveries);
        equal([delivery.value, delivery.attempt], [n, 1], 'delivery');
        await t.given(t.op('ack', () => delivery.ack()));
      }
    },
  },
  ...[1, 64, 65].map((count): CaseSpec => ({
    rule: 'Q11',
    name: `a consumer that dies with ${count} before it loses none, and none is doubled unmarked`,
    when: crashes,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 128 });
      await t.put(producer, ...numbers(count));
      await t.settle();
      const inHand = await t.next(consumer.deliveries());
      const told: unknown[] = [];
      const stop = queue.on('endpoint-lost', (event) => told.push(event.role));
      await t.fixture.crash!(consumer);
      await t.settle();
      equal(told, ['consumer'], 'what the host heard');
      stop();
      await t.hasStats(queue, { size: count, inHand: 0, consumers: 0 });
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const again = t.op('the next consumer', async () =>
        allDeliveries((await t.consumer(queue)).deliveries()),
      );
      const got = await t.given(again);
      equal(got.map(([value]) => value), numbers(count), 'all items'); // prettier-ignore
      ok(
        got[0]![1] > 1,
        `item ${String(inHand.value)} was in hand at the death and comes again with attempt 1`,
      );
      const op = t.op('ack by the dead', () => inHand.ack());
      await t.settle();
      ok(!op.pending, 'an ack by the dead is pending');
    },
  })),
  {
    rule: 'Q11',
    name: 'waits of a dead consumer are settled, and others get its items at once',
    when: crashes,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = t.collect(await t.consumer(queue));
      await t.put(producer, 'first');
      await t.settle();
      const get = t.op('get', () => consumer.get());
      await t.waits(get);
      await t.fixture.crash!(consumer);
      await t.settle();
      ok(get.state === 'failed', `a get of the dead is ${get.state}`);
      queue.close();
      await t.put(producer, 'second');
      await t.given(t.op('close', () => producer.close()));
      await t.gives(other, ['first', 'second']);
    },
  },
  {
    rule: 'Q12',
    name: 'a dead producer closes: the queue ends without it, and the host hears why',
    when: crashes,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const told: unknown[] = [];
      const stop = queue.on('endpoint-lost', (event) => told.push([event.role, event.queue]));
      queue.close();
      const taking = t.collect(consumer);
      await t.waits(taking);
      await t.fixture.crash!(producer);
      await t.gives(taking, []);
      equal(told, [['producer', queue.name]], 'what the host heard');
      stop();
    },
  },
  ...[1, ...EDGES].map((count): CaseSpec => ({
    rule: 'Q12',
    name: `a dead producer loses at most a suffix, and nothing that was confirmed: ${count} flushed, then ${count} more`,
    when: crashes,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1024 });
      for (const n of numbers(count)) t.op(`put ${n}`, () => producer.put(n));
      await t.given(t.op('flush', () => producer.flush()));
      for (const n of numbers(count, count)) t.op(`put ${n}`, () => producer.put(n));
      await t.fixture.crash!(producer);
      queue.close();
      const got = await t.given(t.collect(consumer));
      ok(got.length >= count, `${count} were confirmed, and ${got.length} arrived`);
      equal(got, numbers(got.length), 'a prefix');
    },
  })),
  {
    rule: 'Q12',
    name: 'the room that a dead producer had is given to others, at capacity 1',
    when: crashes,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [dying, other] = [await t.producer(queue), await t.producer(queue)];
      await t.put(dying, 0);
      await t.settle();
      const lost = t.op('put by the dying', () => dying.put(1));
      await t.waits(lost);
      const put = t.op('put by the other', () => other.put(2));
      await t.waits(put);
      await t.fixture.crash!(dying);
      await t.settle();
      ok(!lost.pending, 'a put of the dead is pending');
      equal(await t.remaining(queue), [0], 'what waited');
      await t.gives(put, 'accepted');
      equal(await t.remaining(queue), [2], 'what the other put');
    },
  },
  {
    rule: 'Q12',
    name: 'flush and close confirm all: the home has it when they resolve',
    when: putsAtOnce,
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 1024 });
      for (const n of numbers(100)) t.op('put', () => producer.put(n));
      await t.given(t.op('flush', () => producer.flush()));
      equal((await queue.stats()).put, 100, 'put, after flush');
      for (const n of numbers(100)) t.op('put', () => producer.put(n));
      await t.given(t.op('close', () => producer.close()));
      equal((await queue.stats()).put, 200, 'put, after close');
    },
  },
  {
    rule: 'Q12',
    name: 'an accepted item leaves by itself, at the latest at the end of the turn',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 8 });
      await t.put(producer, 1);
      await t.hasStats(queue, { put: 1, size: 1 });
    },
  },
  {
    rule: 'Q12',
    name: "with confirm: 'each' every put waits until the home has it",
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, confirm: 'each' });
      for (const n of numbers(2)) {
        await t.given(t.op('put', () => producer.put(n)));
        equal((await queue.stats()).put, n + 1, 'put, after each');
      }
      const put = t.op('put beyond', () => producer.put(2));
      await t.waits(put);
      equal(await t.get(consumer, 3), [0, 1, 2], 'items');
      await t.gives(put, 'accepted');
    },
  },
];
