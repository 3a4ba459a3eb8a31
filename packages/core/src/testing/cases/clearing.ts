import { equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, EDGES, timed } from '../case.js';

/** Q9 Clear is a point in time, Q14 Join. */
export const clearing: CaseSpec[] = [
  ...[1, 2, ...EDGES].map((count): CaseSpec => ({
    rule: 'Q9',
    name: `clear discards all that waits and says how many: ${count}`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 512 });
      await t.put(producer, ...numbers(count));
      await t.settle();
      await t.gives(
        t.op('clear', () => queue.clear()),
        count,
      );
      await t.hasStats(queue, { size: 0, cleared: count });
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
      await t.put(producer, 'new');
      equal(await t.get(consumer, 1), ['new'], 'what came after');
      await t.gives(
        t.op('clear', () => queue.clear()),
        0,
      );
    },
  })),
  {
    rule: 'Q9',
    name: 'clear makes room for puts that wait, at capacity 1, and spares them',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 0);
      const put = t.op('put 1', () => producer.put(1));
      await t.waits(put);
      await t.gives(
        t.op('clear', () => queue.clear()),
        1,
      );
      await t.gives(put, 'accepted');
      equal(await t.get(consumer, 1), [1], 'what waited to be put');
    },
  },
  {
    rule: 'Q9',
    name: 'an item in hand can be acked after clear, and stays valid',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const held = await t.next(consumer.deliveries());
      await t.gives(
        t.op('clear', () => queue.clear()),
        1,
      );
      await t.given(t.op('ack', () => held.ack()));
      await t.hasStats(queue, { size: 0, inHand: 0, acked: 1, cleared: 1 });
    },
  },
  {
    rule: 'Q9',
    name: 'an item in hand at clear does not reappear when it is given back, and is counted',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 'old');
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      await t.gives(
        t.op('clear', () => queue.clear()),
        0,
      );
      await t.put(producer, 'new');
      await t.given(t.op('nack', () => held.nack()));
      await t.hasStats(queue, { size: 1, inHand: 0, cleared: 1 });
      equal(await t.get(consumer, 1), ['new'], 'what is left');
      await t.gives(
        t.op('tryGet', () => consumer.tryGet()),
        undefined,
      );
    },
  },
  {
    rule: 'Q9',
    name: 'an item in hand at clear does not reappear when its consumer leaves',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1, 2, 3);
      const iterator = consumer.items();
      equal(await t.next(iterator), 1, 'in hand');
      await t.given(t.op('clear', () => queue.clear()));
      await t.given(t.op('close', () => consumer.close()));
      await t.hasStats(queue, { size: 0, inHand: 0, cleared: 3 });
      equal(await t.remaining(queue), [], 'what is left');
    },
  },
  {
    rule: 'Q9',
    name: 'after clear no partial batch hands out older items later on',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8 });
      await t.put(producer, 1, 2);
      const batches = consumer.batches({ max: 4, within: 100 });
      const next = t.op('next', () => batches.next());
      await t.waits(next);
      const cleared = await t.given(t.op('clear', () => queue.clear()));
      const cut = next.state === 'done';
      await t.put(producer, 3);
      await t.advance(100);
      const { value } = await t.given(next);
      if (cut) equal([cleared, value], [0, [1, 2]], 'a batch that was cut by clear');
      else equal([cleared, value], [2, [3]], 'a batch that was cleared');
    },
  },
  {
    rule: 'Q9',
    name: 'clear lets a closed queue end, and joins resolve',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1, 2);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const waits = [t.op('join', () => queue.join()), t.op('ended', () => queue.ended())];
      await t.waits(...waits);
      await t.given(t.op('clear', () => queue.clear()));
      for (const wait of waits) await t.given(wait);
      await t.gives(t.collect(consumer), []);
    },
  },
  {
    rule: 'Q14',
    name: 'join resolves at once when nothing is unsettled',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.given(t.op('join', () => queue.join()));
      await t.put(producer, 1);
      await t.get(consumer, 1);
      await t.settle();
      await t.given(t.op('join', () => queue.join()));
    },
  },
  ...[1, 64, 257].map((count): CaseSpec => ({
    rule: 'Q14',
    name: `join waits for the last ack of ${count}, not for the last take`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 512 });
      await t.put(producer, ...numbers(count));
      const join = t.op('join', () => queue.join());
      await t.waits(join);
      const deliveries = consumer.deliveries();
      const held = await t.nexts(deliveries, count);
      await t.waits(join);
      await t.givenAll(held.slice(1).map((delivery) => t.op('ack', () => delivery.ack())));
      await t.waits(join);
      await t.given(t.op('ack', () => held[0]!.ack()));
      await t.given(join);
    },
  })),
  {
    rule: 'Q14',
    name: 'join does not wait for what is put after it, and each join for its own',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1);
      await t.settle();
      const first = t.op('join', () => queue.join());
      await t.settle();
      await t.put(producer, 2);
      await t.settle();
      const second = t.op('join', () => queue.join());
      const third = t.op('join', () => queue.join());
      await t.settle();
      await t.put(producer, 3);
      await t.waits(first, second, third);
      await t.get(consumer, 1);
      await t.given(first);
      await t.waits(second, third);
      await t.get(consumer, 1);
      await t.given(second);
      await t.given(third);
      equal(await t.get(consumer, 1), [3], 'what came after');
    },
  },
  {
    rule: 'Q14',
    name: 'join waits for what is in hand already, and for no later item in its place',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1);
      const deliveries = consumer.deliveries();
      const first = await t.next(deliveries);
      await t.settle();
      const join = t.op('join', () => queue.join());
      await t.waits(join);
      await t.put(producer, 2);
      const second = await t.next(deliveries);
      await t.given(t.op('ack the later one', () => second.ack()));
      await t.waits(join);
      await t.given(t.op('ack', () => first.ack()));
      await t.given(join);
    },
  },
  {
    rule: 'Q14',
    name: 'an item put just before join is waited for',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.given(t.op('put', () => producer.put(1)));
      const join = t.op('join', () => queue.join());
      await t.waits(join);
      await t.get(consumer, 1);
      await t.given(join);
    },
  },
  {
    rule: 'Q14',
    name: 'giving back does not settle: join goes on waiting',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 1);
      const join = t.op('join', () => queue.join());
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      await t.given(t.op('nack', () => held.nack()));
      await t.waits(join);
      const again = await t.next(deliveries);
      ok(again.attempt === 2, `attempt ${again.attempt}, expected 2`);
      await t.waits(join);
      await t.given(t.op('ack', () => again.ack()));
      await t.given(join);
    },
  },
];
