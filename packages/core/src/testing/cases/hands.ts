import { equal, ok } from '../assert.js';
import { allDeliveries, numbers } from '../bench.js';
import { type CaseSpec, crashes, EDGES, onTake } from '../case.js';
import type { FarDelivery } from '../far.js';

/** Q10 In hand until done, Q11 A dead consumer loses nothing, Q12 A dead producer hangs nobody. */
export const hands: CaseSpec[] = [
  {
    rule: 'Q10',
    name: 'a loop acknowledges an item when it asks for the next one, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const iterator = consumer.items();
      await t.put(producer, 1);
      equal(await t.next(iterator), 1, 'the first');
      await t.hasStats(queue, { inHand: 1, acked: 0 });
      const next = t.op('next', () => iterator.next());
      await t.waits(next);
      await t.hasStats(queue, { inHand: 0, acked: 1 });
      await t.put(producer, 2);
      await t.gives(next, { done: false, value: 2 });
      await t.hasStats(queue, { inHand: 1, acked: 1 });
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
  {
    rule: 'Q10',
    name: 'a loop that is left early gives its item back, marked as redelivered',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const iterator = consumer.items();
      equal(await t.next(iterator), 1, 'the first');
      await t.given(t.op('return', () => iterator.return!()));
      await t.hasStats(queue, { size: 2, inHand: 0 });
      await t.ends(iterator, 'next after return');
      const deliveries = consumer.deliveries();
      const again = [await t.next(deliveries), await t.next(deliveries)];
      equal(again.map((delivery) => [delivery.value, delivery.attempt]), [[1, 2], [2, 1]], 'deliveries'); // prettier-ignore
      for (const delivery of again) await t.given(t.op('ack', () => delivery.ack()));
      await t.hasStats(queue, { taken: 3, redelivered: 1, acked: 2 });
    },
  },
  {
    rule: 'Q10',
    name: 'ack() settles the item in hand before a break',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 1);
      const iterator = consumer.items();
      equal(await t.next(iterator), 1, 'the item');
      await t.given(t.op('ack', () => consumer.ack()));
      await t.given(t.op('return', () => iterator.return!()));
      await t.hasStats(queue, { size: 0, inHand: 0, acked: 1 });
    },
  },
  ...[1, 3, 64, 65].map(
    (count): CaseSpec => ({
      rule: 'Q10',
      name: `take(${count}) iterates over exactly as many and acknowledges them all`,
      run: async (t) => {
        const { queue, producer, consumer } = await t.pair({ capacity: 128 });
        for (const n of numbers(count + 1)) await t.put(producer, n);
        const iterator = consumer.take(count);
        for (let n = 0; n < count; n++) equal(await t.next(iterator), n, 'an item');
        await t.ends(iterator);
        await t.ends(iterator);
        await t.hasStats(queue, { size: 1, inHand: 0, acked: count });
        equal(await t.get(consumer, 1), [count], 'what is left');
      },
    }),
  ),
  {
    rule: 'Q10',
    name: 'take ends with the queue when there are fewer',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const iterator = consumer.take(3);
      equal(await t.next(iterator), 1, 'the item');
      await t.ends(iterator);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q10',
    name: 'a lone get acknowledges',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const get = t.op('get', () => consumer.get());
      await t.waits(get);
      await t.put(producer, 1);
      await t.gives(get, 1);
      await t.hasStats(queue, { inHand: 0, taken: 1, acked: 1 });
      await t.put(producer, 2);
      await t.settle();
      await t.gives(t.op('tryGet', () => consumer.tryGet()), { value: 2 });
      await t.hasStats(queue, { inHand: 0, taken: 2, acked: 2 });
    },
  },
  {
    rule: 'Q10',
    name: 'deliveries are settled in any order, each once; the contrary is refused',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      await t.put(producer, 0, 1, 2);
      const deliveries = consumer.deliveries();
      const [a, b, c] = [await t.next(deliveries), await t.next(deliveries), await t.next(deliveries)];
      await t.given(t.op('ack c', () => c.ack()));
      await t.given(t.op('ack c again', () => c.ack()));
      await t.refused(t.op('nack c', () => c.nack()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.given(t.op('nack a', () => a.nack()));
      await t.given(t.op('nack a again', () => a.nack()));
      await t.refused(t.op('ack a', () => a.ack()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.given(t.op('ack b', () => b.ack()));
      await t.hasStats(queue, { size: 1, inHand: 0, acked: 2 });
      equal(await t.get(consumer, 1), [0], 'what was given back');
    },
  },
  {
    rule: 'Q10',
    name: 'a loop over deliveries that is left gives back its latest; earlier ones can still be settled',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      await t.put(producer, 0, 1, 2);
      const deliveries = consumer.deliveries();
      const [first, second] = [await t.next(deliveries), await t.next(deliveries)];
      ok(first !== second, 'two deliveries are one');
      await t.given(t.op('return', () => deliveries.return!()));
      await t.hasStats(queue, { size: 2, inHand: 1 });
      await t.given(t.op('ack', () => first.ack()));
      equal(await t.remaining(queue), [1, 2], 'what is left');
    },
  },
  {
    rule: 'Q10',
    name: 'on-take acknowledges at once: nothing is in hand, and nothing comes back',
    when: onTake,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, acknowledge: 'on-take' });
      await t.put(producer, 1, 2);
      const iterator = consumer.items();
      equal(await t.next(iterator), 1, 'the first');
      await t.hasStats(queue, { inHand: 0, acked: 1 });
      await t.given(t.op('return', () => iterator.return!()));
      await t.hasStats(queue, { size: 1, inHand: 0, redelivered: 0 });
      equal(await t.remaining(queue), [2], 'what is left');
    },
  },
  ...[2, 64, 257].map(
    (count): CaseSpec => ({
      rule: 'Q11',
      name: `a consumer that closes with ${count} in hand loses none: they are delivered again, and say so`,
      run: async (t) => {
        const { queue, producer, consumer } = await t.pair({ capacity: 512 });
        const other = await t.consumer(queue);
        for (const n of numbers(count)) await t.put(producer, n);
        queue.close();
        await t.given(t.op('close', () => producer.close()));
        const deliveries = consumer.deliveries();
        const held: FarDelivery[] = [];
        for (let i = 0; i < count; i++) held.push(await t.next(deliveries));
        await t.given(t.op('ack', () => held[0]!.ack()));
        const taking = t.op('the other', () => allDeliveries(other.deliveries()));
        await t.waits(taking);
        await t.given(t.op('close', () => consumer.close()));
        await t.gives(taking, numbers(count - 1, 1).map((n) => [n, 2])); // prettier-ignore
        await t.refused(t.op('a late ack', () => held[1]!.ack()), 'DELIVERY_SETTLED'); // prettier-ignore
        await t.given(t.op('ended', () => queue.ended()));
      },
    }),
  ),
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
        await t.given(t.op(n < 4 ? 'nack' : 'ack', () => (n < 4 ? delivery.nack() : delivery.ack())));
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
      const next = t.op('next', () => consumer.batches({ max: 3, within: 1000, signal: cancel.signal }).next());
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
  ...[1, 64, 65].map(
    (count): CaseSpec => ({
      rule: 'Q11',
      name: `a consumer that dies with ${count} before it loses none, and none is doubled unmarked`,
      when: crashes,
      run: async (t) => {
        const { queue, producer, consumer } = await t.pair({ capacity: 128 });
        for (const n of numbers(count)) await t.put(producer, n);
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
        const again = t.op('the next consumer', async () => allDeliveries((await t.consumer(queue)).deliveries()));
        const got = await t.given(again);
        equal(got.map(([value]) => value), numbers(count), 'all items'); // prettier-ignore
        ok(got[0]![1] > 1, `item ${String(inHand.value)} was in hand at the death and comes again with attempt 1`);
        const op = t.op('ack by the dead', () => inHand.ack());
        await t.settle();
        ok(!op.pending, 'an ack by the dead is pending');
      },
    }),
  ),
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
  ...[1, ...EDGES].map(
    (count): CaseSpec => ({
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
    }),
  ),
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
