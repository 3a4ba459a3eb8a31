import { equal } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, dropsNewest, dropsOldest } from '../case.js';

/** Q4 Lossy. */
export const lossy: CaseSpec[] = [
  ...[1, 2, 64].map((capacity): CaseSpec => ({
    rule: 'Q4',
    name: `drop-oldest never waits and keeps the newest, at capacity ${capacity}`,
    when: dropsOldest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity, overflow: 'drop-oldest' });
      const count = capacity * 2 + 1;
      for (const n of numbers(count)) await t.given(t.op(`put ${n}`, () => producer.put(n)));
      await t.hasStats(queue, { size: capacity, dropped: count - capacity });
      equal(await t.get(consumer, capacity), numbers(capacity, count - capacity), 'the newest');
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
    },
  })),
  ...[1, 2, 64].map((capacity): CaseSpec => ({
    rule: 'Q4',
    name: `drop-newest never waits, keeps the oldest, and says which were dropped, at capacity ${capacity}`,
    when: dropsNewest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity, overflow: 'drop-newest' });
      for (const n of numbers(capacity))
        await t.gives(
          t.op(`put ${n}`, () => producer.put(n)),
          'accepted',
        );
      for (const n of numbers(3))
        await t.gives(
          t.op(`put beyond ${n}`, () => producer.put('no')),
          'dropped',
        );
      await t.gives(
        t.op('tryPut', () => producer.tryPut('no')),
        false,
      );
      await t.hasStats(queue, { size: capacity, dropped: 4 });
      equal(await t.get(consumer, capacity), numbers(capacity), 'the oldest');
      await t.gives(
        t.op('put again', () => producer.put('yes')),
        'accepted',
      );
      equal(await t.get(consumer, 1), ['yes'], 'what was put when there was room');
    },
  })),
  {
    rule: 'Q4',
    name: 'putMany on a lossy queue counts what was dropped',
    when: dropsNewest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, overflow: 'drop-newest' });
      await t.gives(
        t.op('putMany', () => producer.putMany(numbers(5))),
        { accepted: 2, dropped: 3, refused: 0 },
      );
      await t.hasStats(queue, { dropped: 3 });
      equal(await t.get(consumer, 2), [0, 1], 'the oldest');
    },
  },
  {
    rule: 'Q4',
    name: 'a dropped item counts as settled: join and the end do not wait for it',
    when: dropsOldest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, overflow: 'drop-oldest' });
      await t.put(producer, 0);
      await t.settle();
      const join = t.op('join', () => queue.join());
      await t.waits(join);
      await t.given(t.op('put 1', () => producer.put(1)));
      await t.given(join);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.gives(t.collect(consumer), [1]);
    },
  },
];
