import { equal, ok } from '../assert.js';
import { type Bench, numbers, type Pair } from '../bench.js';
import { type CaseSpec, crashes, dropsNewest } from '../case.js';
import type { FarIterator } from '../far.js';

const MANY = 300;

/** A pair that has been busy: a transport that fetches and promises ahead of need does so now. The queue is empty. */
export async function busyPair(
  t: Bench,
  capacity: number,
): Promise<Pair & { readonly iterator: FarIterator<unknown> }> {
  const pair = await t.pair({ capacity });
  const iterator = pair.consumer.items();
  const taking = t.op('taking', async () => {
    for (let n = 0; n < MANY; n++) await iterator.next();
  });
  await t.given<unknown>(t.op('putting', () => pair.producer.putMany(numbers(MANY))));
  await t.given(taking);
  await t.given(t.op('ack', () => pair.consumer.ack()));
  await t.settle();
  return { ...pair, iterator };
}

/** What is fetched, promised or under way ahead of need keeps all rules too. */
export const ahead: CaseSpec[] = [
  {
    rule: 'Q3',
    name: 'what a busy consumer has fetched ahead is had by another that asks, in order or marked',
    run: async (t) => {
      const { queue, producer, iterator } = await busyPair(t, 256);
      await t.given<unknown>(t.op('putMany', () => producer.putMany(numbers(100))));
      equal(await t.next(iterator), 0, 'what the busy one took');
      await t.settle();
      const other = await t.consumer(queue);
      const deliveries = other.deliveries();
      const got: number[] = [];
      while (got.length < 99) {
        const delivery = await t.next(deliveries);
        const value = delivery.value as number;
        ok(
          value > Math.max(0, ...got) || delivery.attempt > 1,
          `item ${value} came after ${Math.max(...got)}, unmarked`,
        );
        got.push(value);
        await t.given(t.op('ack', () => delivery.ack()));
      }
      equal(
        got.sort((a, b) => a - b),
        numbers(99, 1),
        'what the other took',
      );
      await t.given(t.op('return', () => iterator.return!()));
      equal(await t.get(other, 1), [0], 'what came back');
    },
  },
  {
    rule: 'Q3',
    name: 'tryGet finds what a busy consumer has fetched ahead',
    run: async (t) => {
      const { queue, producer, iterator } = await busyPair(t, 256);
      await t.given<unknown>(t.op('putMany', () => producer.putMany(numbers(3))));
      equal(await t.next(iterator), 0, 'what the busy one took');
      await t.settle();
      const other = await t.consumer(queue);
      const found: unknown[] = [];
      for (let n = 0; n < 2; n++) {
        const got = await t.given(t.op('tryGet', () => other.tryGet()));
        found.push(got?.value);
      }
      // Not all of it may have been with the busy one: what was not is found first.
      equal(found.sort(), [1, 2], 'what was fetched ahead');
      await t.gives(
        t.op('tryGet', () => other.tryGet()),
        undefined,
      );
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
  ...[1, 8, 64].map((capacity): CaseSpec => ({
    rule: 'Q3',
    name: `room that a busy producer was promised is had by another, and by it no more, at capacity ${capacity}`,
    run: async (t) => {
      const { queue, producer, consumer, iterator } = await busyPair(t, capacity);
      await t.given(t.op('return', () => iterator.return!()));
      const other = await t.producer(queue);
      const puts = numbers(capacity).map((n) => t.op(`put ${n}`, () => other.put(n)));
      await t.settle();
      for (const put of puts) await t.gives(put, 'accepted');
      const late = t.op('put by the busy one', () => producer.put('late'));
      await t.waits(late);
      await t.gives(
        t.op('tryPut by the busy one', () => producer.tryPut('no')),
        false,
      );
      await t.hasStats(queue, { size: capacity });
      equal(await t.get(consumer, capacity + 1), [...numbers(capacity), 'late'], 'items');
      await t.gives(late, 'accepted');
    },
  })),
  {
    rule: 'Q3',
    name: 'room for which a producer waited, and then no more, is had by another',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [first, second] = [await t.producer(queue), await t.producer(queue)];
      const consumer = await t.consumer(queue);
      const cancel = t.signal();
      await t.put(first, 'full');
      const given = numbers(9).map(() =>
        t.op('put, aborted later', () => first.put('no', { signal: cancel.signal })),
      );
      await t.waits(...given);
      const put = t.op('put by the other', () => second.put('next'));
      await t.waits(put);
      cancel.abort();
      for (const op of given) await t.refused(op, 'ABORTED');
      equal(await t.get(consumer, 2), ['full', 'next'], 'items');
      await t.gives(put, 'accepted');
    },
  },
  {
    rule: 'Q9',
    name: 'clear reaches what a busy consumer has fetched ahead',
    run: async (t) => {
      const { queue, producer, iterator } = await busyPair(t, 256);
      await t.given<unknown>(t.op('putMany', () => producer.putMany(numbers(100))));
      equal(await t.next(iterator), 0, 'what the busy one took');
      await t.settle();
      await t.gives(
        t.op('clear', () => queue.clear()),
        99,
      );
      await t.hasStats(queue, { size: 0, inHand: 1, cleared: 99 });
      const next = t.op('next', () => iterator.next());
      await t.waits(next);
      await t.put(producer, 'new');
      await t.gives(next, { done: false, value: 'new' });
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
  {
    rule: 'Q9',
    name: 'clear reaches what was accepted just before it, and spares what is put after it',
    run: async (t) => {
      const { queue, producer, consumer, iterator } = await busyPair(t, 256);
      await t.given(t.op('return', () => iterator.return!()));
      const before = numbers(5).map((n) => t.op(`put ${n}`, () => producer.put(`old ${n}`)));
      const accepted = before.filter(({ state }) => state === 'done').length;
      const clear = t.op('clear', () => queue.clear());
      await t.given(clear);
      await t.put(producer, 'new');
      await t.settle();
      const { size } = await queue.stats();
      const got = await t.get(consumer, size);
      for (let n = 0; n < accepted; n++)
        ok(!got.includes(`old ${n}`), `old ${n} came out after clear`);
      equal(got.at(-1), 'new', 'what was put after it');
    },
  },
  {
    rule: 'Q12',
    name: 'room that a busy producer was promised is free when it dies',
    when: crashes,
    run: async (t) => {
      const { queue, producer, consumer, iterator } = await busyPair(t, 64);
      await t.given(t.op('return', () => iterator.return!()));
      await t.given(t.op('close', () => consumer.close()));
      await t.fixture.crash!(producer);
      await t.settle();
      const other = await t.producer(queue);
      const puts = numbers(64).map((n) => t.op(`put ${n}`, () => other.put(n)));
      await t.settle();
      for (const put of puts) await t.gives(put, 'accepted');
      equal(await t.remaining(queue), numbers(64), 'items');
    },
  },
  {
    rule: 'Q18',
    name: 'a lossy queue counts nothing as in hand for a get that was aborted while its item came',
    when: dropsNewest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, overflow: 'drop-newest' });
      const cancel = t.signal();
      const get = t.op('get', () => consumer.get({ signal: cancel.signal }));
      await t.waits(get);
      const put = t.op('put', () => producer.put('raced'));
      // Somewhere between the put and its arrival.
      await Promise.resolve();
      cancel.abort();
      await t.given(put);
      await t.settle();
      await t.hasStats(queue, { size: get.state === 'done' ? 0 : 1, inHand: 0 });
      if (get.state === 'failed') equal(await t.remaining(queue), ['raced'], 'what came too late');
    },
  },
  {
    rule: 'Q20',
    name: "a delivery's put is confirmed before its ack, also when its consumer is busy",
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8 });
      await t.put(producer, 'page');
      const held = await t.next(consumer.deliveries());
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.given(t.op('two puts', () => Promise.all([held.put(1), held.put(2)])));
      equal(await t.remaining(queue), [1, 2], 'the first two');
      const ended = t.op('ended', () => queue.ended());
      const last = t.op('a put and an ack', async () => {
        await held.put(3);
        await held.ack();
      });
      await t.given(last);
      await t.waits(ended);
      equal(await t.remaining(queue), [3], 'the last one');
      await t.given(ended);
    },
  },
];
