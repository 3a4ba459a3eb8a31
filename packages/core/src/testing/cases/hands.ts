import { equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, onTake } from '../case.js';

/** Q10 In hand until done. */
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
  ...[1, 3, 64, 65].map((count): CaseSpec => ({
    rule: 'Q10',
    name: `take(${count}) iterates over exactly as many and acknowledges them all`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 128 });
      await t.put(producer, ...numbers(count + 1));
      const iterator = consumer.take(count);
      equal(await t.nexts(iterator, count), numbers(count), 'items');
      await t.ends(iterator);
      await t.ends(iterator);
      await t.hasStats(queue, { size: 1, inHand: 0, acked: count });
      equal(await t.get(consumer, 1), [count], 'what is left');
    },
  })),
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
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        { value: 2 },
      );
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
      const [a, b, c] = [
        await t.next(deliveries),
        await t.next(deliveries),
        await t.next(deliveries),
      ];
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
];
