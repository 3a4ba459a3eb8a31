import { codeOf, equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, crashes, dropsNewest, dropsOldest, timed } from '../case.js';

/** Q3 Bounded: waiting for room without an item to put. */
export const room: CaseSpec[] = [
  {
    rule: 'Q3',
    name: 'whenRoom is answered at once while there is room, and takes none, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      for (const n of numbers(3)) await t.given(t.op(`whenRoom ${n}`, () => producer.whenRoom()));
      await t.hasStats(queue, { size: 0, put: 0 });
      await t.put(producer, 'a');
      equal(await t.get(consumer, 1), ['a'], 'the item');
    },
  },
  ...[1, 2, 64].map((capacity): CaseSpec => ({
    rule: 'Q3',
    name: `whenRoom waits while the queue is full, and a put is accepted at once afterwards, at capacity ${capacity}`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity });
      await t.put(producer, ...numbers(capacity));
      const waits = numbers(3).map((n) => t.op(`whenRoom ${n}`, () => producer.whenRoom()));
      await t.waits(...waits);
      equal(await t.get(consumer, 1), [0], 'the first item');
      // Nothing is reserved, so that one item's room is enough for all of them.
      for (const wait of waits) await t.given(wait);
      await t.hasStats(queue, { size: capacity - 1, put: capacity });
      await t.put(producer, capacity);
      await t.waits(t.op('put beyond', () => producer.put('beyond')));
      equal(await t.get(consumer, capacity), numbers(capacity, 1), 'the others');
    },
  })),
  {
    rule: 'Q3',
    name: "whenRoom has its turn among its endpoint's puts: after those before it, and before those behind it",
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const before = t.op('put before', () => producer.put(1));
      const room = t.op('whenRoom', () => producer.whenRoom());
      const behind = t.op('put behind', () => producer.put(2));
      await t.waits(before, room, behind);
      equal(await t.get(consumer, 1), [0], 'the first item');
      await t.gives(before, 'accepted');
      await t.waits(room, behind);
      equal(await t.get(consumer, 1), [1], 'the second item');
      await t.given(room);
      await t.gives(behind, 'accepted');
      equal(await t.get(consumer, 1), [2], 'the third item');
    },
  },
  {
    rule: 'Q3',
    name: 'room that was told of and not used goes to whoever puts, and the late put waits, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = await t.producer(queue);
      await t.put(producer, 0);
      const room = t.op('whenRoom', () => producer.whenRoom());
      await t.waits(room);
      equal(await t.get(consumer, 1), [0], 'the first item');
      await t.given(room);
      await t.gives(
        t.op('put by the other', () => other.put(1)),
        'accepted',
      );
      const late = t.op('the late put', () => producer.put(2));
      await t.waits(late);
      equal(await t.get(consumer, 1), [1], 'what the other put');
      await t.gives(late, 'accepted');
      equal(await t.get(consumer, 1), [2], 'what came late');
    },
  },
  {
    rule: 'Q3',
    name: 'an outbox of 10 has exactly 10 items made ahead, with whenRoom before each is made',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 10 });
      let made = 0;
      const cancel = t.signal();
      const making = t.op('making', async () => {
        for (;;) {
          await producer.whenRoom({ signal: cancel.signal });
          await producer.put(made++);
        }
      });
      await t.waits(making);
      equal(made, 10, 'made ahead');
      equal(await t.get(consumer, 1), [0], 'the first item');
      await t.waits(making);
      equal(made, 11, 'made after one was taken');
      cancel.abort();
      await t.refused(making, 'ABORTED');
    },
  },
  {
    rule: 'Q4',
    name: 'whenRoom on a lossy queue is answered at once, full or not',
    when: (target) => dropsOldest(target) || dropsNewest(target),
    run: async (t) => {
      const overflow = dropsOldest(t.target) ? 'drop-oldest' : 'drop-newest';
      const { producer } = await t.pair({ capacity: 1, overflow });
      await t.given(t.op('whenRoom', () => producer.whenRoom()));
      await t.given(t.op('put', () => producer.put(1)));
      await t.given(t.op('whenRoom of a full one', () => producer.whenRoom()));
    },
  },
  {
    rule: 'Q6',
    name: 'closing the producer settles its whenRoom that waits, and refuses new ones',
    run: async (t) => {
      const { producer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const room = t.op('whenRoom', () => producer.whenRoom());
      await t.waits(room);
      await t.given(t.op('close', () => producer.close()));
      await t.refused(room, 'ENDPOINT_CLOSED');
      await t.refused(
        t.op('whenRoom after close', () => producer.whenRoom()),
        'ENDPOINT_CLOSED',
      );
    },
  },
  {
    rule: 'Q12',
    name: 'a whenRoom of a dead producer is settled, and the room it was told of is free, at capacity 1',
    when: crashes,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [dying, other] = [await t.producer(queue), await t.producer(queue)];
      await t.given(t.op('whenRoom', () => dying.whenRoom()));
      await t.put(other, 0);
      const room = t.op('whenRoom that waits', () => dying.whenRoom());
      await t.waits(room);
      await t.fixture.crash!(dying);
      await t.settle();
      ok(!room.pending, 'a whenRoom of the dead is pending');
      equal(codeOf(room.error), 'ENDPOINT_LOST', 'its error');
      equal(await t.remaining(queue), [0], 'what waited');
      await t.put(other, 1);
    },
  },
  {
    rule: 'Q18',
    name: 'a whenRoom that is aborted leaves the line, at capacity 1',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const cancel = t.signal();
      const room = t.op('whenRoom', () => producer.whenRoom({ signal: cancel.signal }));
      const put = t.op('put', () => producer.put(1));
      await t.waits(room, put);
      cancel.abort();
      await t.refused(room, 'ABORTED');
      await t.refused(
        t.op('whenRoom with a signal that has fired', () =>
          producer.whenRoom({ signal: cancel.signal }),
        ),
        'ABORTED',
      );
      await t.waits(put);
      equal(await t.get(consumer, 2), [0, 1], 'items');
      await t.gives(put, 'accepted');
    },
  },
  {
    rule: 'Q18',
    name: 'a whenRoom times out, and leaves no timer',
    when: timed,
    run: async (t) => {
      const { producer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const room = t.op('whenRoom', () => producer.whenRoom({ timeout: 100 }));
      await t.waits(room);
      equal(t.clock.pending().timers, 1, 'timers while it waits');
      await t.advance(100);
      await t.refused(room, 'TIMED_OUT');
      equal(t.clock.pending().timers, 0, 'timers afterwards');
    },
  },
];
