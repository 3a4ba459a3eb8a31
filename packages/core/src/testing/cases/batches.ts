import { equal, fails } from '../assert.js';
import { all, numbers } from '../bench.js';
import { type CaseSpec, EDGES, timed } from '../case.js';

/** Q17 Batches. */
export const batches: CaseSpec[] = [
  ...[1, 2, ...EDGES].map((count): CaseSpec => ({
    rule: 'Q17',
    name: `putMany of ${count} through capacity 1 arrives whole and in order`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      queue.close();
      const taking = t.collect(consumer);
      await t.gives(
        t.op('putMany', () => producer.putMany(numbers(count))),
        { accepted: count, dropped: 0, refused: 0 },
      );
      await t.given(t.op('close', () => producer.close()));
      await t.gives(taking, numbers(count));
    },
  })),
  ...EDGES.map((max): CaseSpec => ({
    rule: 'Q17',
    name: `batches of ${max} at the most, of ${max * 2 + 1}`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1024 });
      await t.given(t.op('putMany', () => producer.putMany(numbers(max * 2 + 1))));
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.settle();
      const got = await t.given(t.op('batches', () => all(consumer.batches({ max }))));
      equal(got.flat(), numbers(max * 2 + 1), 'items');
      equal(
        got.filter((batch) => batch.length > max || batch.length === 0).length,
        0,
        'batches too large, or empty',
      );
      await t.hasStats(queue, { acked: max * 2 + 1 });
    },
  })),
  {
    rule: 'Q17',
    name: 'a first batch gets all that waits, as far as it may, and leaves the rest',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 16 });
      for (const n of numbers(9)) await t.put(producer, n);
      await t.settle();
      equal(await t.given(t.op('takeMany', () => consumer.takeMany(5))), numbers(5), 'the first');
      await t.hasStats(queue, { size: 4, inHand: 0, acked: 5 });
      const other = await t.consumer(queue);
      equal(await t.given(t.op('takeMany', () => other.takeMany(16))), numbers(4, 5), 'the others');
    },
  },
  {
    rule: 'Q17',
    name: 'putMany may wait with a part of it accepted, and is bounded all the while',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      const put = t.op('putMany', () => producer.putMany(numbers(5)));
      await t.waits(put);
      await t.hasStats(queue, { size: 2 });
      equal(await t.get(consumer, 2), [0, 1], 'the first');
      await t.waits(put);
      await t.hasStats(queue, { size: 2 });
      equal(await t.get(consumer, 3), [2, 3, 4], 'the others');
      await t.given(put);
    },
  },
  {
    rule: 'Q17',
    name: 'putMany that is aborted while it waits says how many were accepted, and the rest is not put',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      const cancel = t.signal();
      const put = t.op('putMany', () => producer.putMany(numbers(5), { signal: cancel.signal }));
      await t.waits(put);
      cancel.abort();
      const error = await t.refused(put, 'ABORTED');
      equal(error.details['accepted'], 2, 'details.accepted');
      equal(await t.get(consumer, 2), [0, 1], 'what was accepted');
      await t.hasStats(queue, { put: 2, size: 0 });
    },
  },
  {
    rule: 'Q17',
    name: 'putMany of nothing is answered at once',
    run: async (t) => {
      const { producer } = await t.pair({ capacity: 1 });
      await t.gives(
        t.op('putMany', () => producer.putMany([])),
        { accepted: 0, dropped: 0, refused: 0 },
      );
    },
  },
  {
    rule: 'Q17',
    name: 'the list given to putMany may change afterwards',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const list = [0, 1, 2];
      const put = t.op('putMany', () => producer.putMany(list));
      list.length = 0;
      equal(await t.get(consumer, 3), [0, 1, 2], 'items');
      await t.given(put);
    },
  },
  {
    rule: 'Q17',
    name: 'takeMany gives what is there, at the most what was asked for, and acknowledges it',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 128 });
      const first = t.op('takeMany', () => consumer.takeMany(10));
      await t.waits(first);
      await t.put(producer, 'a');
      await t.gives(first, ['a']);
      await t.put(producer, ...numbers(65));
      await t.settle();
      const got: unknown[] = [];
      while (got.length < 65) {
        const batch = await t.given(t.op('takeMany', () => consumer.takeMany(64)));
        equal(batch.length > 0 && batch.length <= 64, true, 'a batch of 1 to 64');
        got.push(...batch);
      }
      equal(got, numbers(65), 'items');
      await t.hasStats(queue, { inHand: 0, acked: 66 });
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.gives(
        t.op('takeMany at the end', () => consumer.takeMany(3)),
        [],
      );
    },
  },
  {
    rule: 'Q17',
    name: 'a batch waits for more only within its time, which begins with its first item',
    when: timed,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 8 });
      const batch = consumer.batches({ max: 3, within: 100 });
      const first = t.op('next', () => batch.next());
      await t.waits(first);
      await t.advance(500);
      await t.put(producer, 1);
      await t.waits(first);
      await t.advance(60);
      await t.put(producer, 2);
      await t.advance(39);
      await t.waits(first);
      await t.advance(1);
      await t.gives(first, { done: false, value: [1, 2] });
      const second = t.op('next', () => batch.next());
      await t.put(producer, 3, 4);
      await t.waits(second);
      await t.put(producer, 5, 6);
      await t.gives(second, { done: false, value: [3, 4, 5] });
      await t.given(t.op('ack', () => consumer.ack()));
      await t.given(t.op('return', () => batch.return!()));
      equal(await t.get(consumer, 1), [6], 'what is left');
    },
  },
  {
    rule: 'Q17',
    name: 'a batch without end of time waits for its number',
    when: timed,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const take = t.op('takeMany', () => consumer.takeMany(3, { within: Infinity }));
      await t.put(producer, 1);
      await t.settle();
      await t.put(producer, 2);
      await t.advance(1_000_000_000);
      await t.waits(take);
      equal(t.clock.pending().timers, 0, 'timers for a wait without end');
      await t.put(producer, 3);
      await t.gives(take, [1, 2, 3]);
    },
  },
  {
    rule: 'Q17',
    name: 'at capacity 1 a batch fills beyond the capacity, since what it holds is in hand',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const take = t.op('takeMany', () => consumer.takeMany(5, { within: 100 }));
      const put = t.op('putMany', () => producer.putMany(numbers(5)));
      await t.gives(take, numbers(5));
      await t.given(put);
      await t.hasStats(queue, { acked: 5, inHand: 0 });
    },
  },
  {
    rule: 'Q17',
    name: 'a loop over batches that is left gives the whole batch back, marked',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      await t.given(t.op('putMany', () => producer.putMany([1, 2, 3])));
      await t.settle();
      const batch = consumer.batches({ max: 3 });
      const got = await t.next(batch);
      await t.given(t.op('return', () => batch.return!()));
      await t.hasStats(queue, { size: 3, inHand: 0 });
      const deliveries = consumer.deliveries();
      for (const n of [1, 2, 3]) {
        const delivery = await t.next(deliveries);
        equal([delivery.value, delivery.attempt > 1], [n, got.includes(n)], 'delivery');
        await t.given(t.op('ack', () => delivery.ack()));
      }
    },
  },
  {
    rule: 'Q17',
    name: 'asking for the next batch acknowledges the one before',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.given(t.op('putMany', () => producer.putMany([1, 2])));
      await t.settle();
      const batch = consumer.batches({ max: 2 });
      const got = [...(await t.next(batch))];
      await t.hasStats(queue, { inHand: got.length, acked: 0 });
      if (got.length < 2) got.push(...(await t.next(batch)));
      equal(got, [1, 2], 'items');
      const next = t.op('next', () => batch.next());
      await t.waits(next);
      await t.hasStats(queue, { inHand: 0, acked: 2 });
      await t.put(producer, 3);
      await t.gives(next, { done: false, value: [3] });
      await t.given(t.op('return', () => batch.return!()));
    },
  },
  {
    rule: 'Q17',
    name: 'sizes and times that cannot be are refused',
    run: async (t) => {
      const { consumer } = await t.pair({ capacity: 1 });
      for (const max of [0, -1, NaN, 1.5]) {
        await fails(() => consumer.takeMany(max), 'BAD_OPTION', `takeMany(${max})`);
        await fails(() => consumer.batches({ max }).next(), 'BAD_OPTION', `batches of ${max}`);
        await fails(() => consumer.take(max).next(), 'BAD_OPTION', `take(${max})`);
      }
      for (const within of [-1, NaN])
        await fails(() => consumer.takeMany(1, { within }), 'BAD_OPTION', `within ${within}`);
    },
  },
];
