import { equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, local, timed } from '../case.js';
import type { QueueStats } from '../../transport/backend.js';

const NOTHING: QueueStats = {
  size: 0,
  inHand: 0,
  put: 0,
  taken: 0,
  acked: 0,
  redelivered: 0,
  dropped: 0,
  refused: 0,
  cleared: 0,
  dead: 0,
  deadDropped: 0,
  producers: 0,
  consumers: 0,
  waitedMs: 0,
};

/** Q19 Counts, and why it does not end; T7 health. */
export const looking: CaseSpec[] = [
  {
    rule: 'Q19',
    name: 'a new queue counts nothing',
    run: async (t) => {
      equal(await t.stats(t.queue()), NOTHING, 'stats');
    },
  },
  {
    rule: 'Q19',
    name: 'stats counts each step of an item exactly',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8 });
      const open = { ...NOTHING, producers: 1, consumers: 1 };
      // Where time cannot be made to stand still, a put that asks its home for room waits for a moment.
      const counts = async (): Promise<QueueStats> => ({
        ...(await t.stats(queue)),
        ...(timed(t.target) ? {} : { waitedMs: 0 }),
      });
      await t.put(producer, ...numbers(5));
      equal(await counts(), { ...open, size: 5, put: 5 }, 'after 5 puts');
      const deliveries = consumer.deliveries();
      const [a, b] = [await t.next(deliveries), await t.next(deliveries)];
      equal(await counts(), { ...open, size: 3, put: 5, inHand: 2, taken: 2 }, 'with 2 in hand');
      await t.given(t.op('ack', () => a.ack()));
      await t.given(t.op('nack', () => b.nack()));
      equal(
        await counts(),
        { ...open, size: 4, put: 5, taken: 2, acked: 1 },
        'after an ack and a nack',
      );
      const again = await t.next(deliveries);
      equal(
        await counts(),
        { ...open, size: 3, put: 5, inHand: 1, taken: 3, acked: 1, redelivered: 1 },
        'taken again',
      );
      await t.given(t.op('ack', () => again.ack()));
      await t.given(t.op('clear', () => queue.clear()));
      equal(
        await counts(),
        { ...open, put: 5, taken: 3, acked: 2, redelivered: 1, cleared: 3 },
        'after clear',
      );
    },
  },
  {
    rule: 'Q19',
    name: 'stats counts open endpoints, slots included',
    run: async (t) => {
      const queue = t.queue();
      const producers = [await t.producer(queue), await t.producer(queue)];
      const consumer = await t.consumer(queue);
      const slots = [queue.producerSlot(), queue.consumerSlot(), queue.consumerSlot()];
      await t.hasStats(queue, { producers: 3, consumers: 3 });
      await t.given(t.op('close', () => producers[0]!.close()));
      await t.given(t.op('close', () => consumer.close()));
      for (const slot of slots) slot.close();
      await t.hasStats(queue, { producers: 1, consumers: 0 });
    },
  },
  {
    rule: 'Q19',
    name: 'stats tells how long producers waited, those that wait now included',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = await t.producer(queue);
      await t.put(producer, 0);
      const first = t.op('put', () => producer.put(1));
      await t.settle();
      await t.advance(100);
      await t.hasStats(queue, { waitedMs: 100 });
      const second = t.op('put', () => other.put(2));
      await t.settle();
      await t.advance(10);
      await t.hasStats(queue, { waitedMs: 120 });
      await t.get(consumer, 3);
      await t.given(first);
      await t.given(second);
      await t.advance(1000);
      await t.hasStats(queue, { waitedMs: 120 });
    },
  },
  {
    rule: 'Q19',
    name: 'blockers lists what keeps the queue from ending, until nothing does',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4, name: 'held' });
      const slot = queue.producerSlot();
      const kinds = async (): Promise<unknown> => {
        await t.settle();
        return (await queue.blockers())
          .map(({ kind, items }) => (items === undefined ? kind : `${kind} ${items}`))
          .sort();
      };
      equal(await kinds(), ['producer', 'queue-open', 'slot'], 'at first');
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      equal(
        await kinds(),
        ['in-hand 1', 'producer', 'queue-open', 'slot', 'waiting 1'],
        'with items',
      );
      queue.close();
      slot.close();
      await t.given(t.op('close', () => producer.close()));
      equal(await kinds(), ['in-hand 1', 'waiting 1'], 'closed');
      const last = await t.next(deliveries);
      equal(await kinds(), ['in-hand 2'], 'drained');
      for (const delivery of [held, last]) await t.given(t.op('ack', () => delivery.ack()));
      equal(await kinds(), [], 'ended');
    },
  },
  {
    rule: 'Q19',
    name: 'blockers names the endpoints, and with debug where each was made',
    when: local,
    run: async (t) => {
      const queue = t.queue({ debug: true, name: 'watched' });
      const producer = t.keep(queue.producer());
      const found = (await queue.blockers()).find(({ kind }) => kind === 'producer');
      equal(found?.id, producer.id, 'id');
      ok((found?.madeAt ?? '').includes('at '), `madeAt has no place: ${String(found?.madeAt)}`);
      const plain = t.queue();
      t.keep(plain.producer());
      equal(
        (await plain.blockers()).find(({ kind }) => kind === 'producer')?.madeAt,
        undefined,
        'madeAt without debug',
      );
    },
  },
  {
    rule: 'Q19',
    name: 'a listener that throws, or stops listening, harms nobody',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const told: string[] = [];
      const stop = queue.on('ended', () => told.push('stopped'));
      queue.on('ended', () => told.push('a'));
      queue.on('ended', () => told.push('b'));
      stop();
      stop();
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.gives(t.collect(consumer), []);
      equal(told, ['a', 'b'], 'who heard');
    },
  },
  {
    rule: 'T7',
    name: 'health tells when an item was last taken and settled, and how many wait',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const health = (): unknown => {
        const { open, queues } = t.fixture.transport.health();
        const { depth, inHand, lastTaken, lastSettled } = queues.find(
          (found) => found.queue === queue.name,
        )!;
        return [open, depth, inHand, lastTaken, lastSettled];
      };
      equal(health(), [true, 0, 0, undefined, undefined], 'at first');
      await t.put(producer, 1, 2);
      await t.advance(10);
      equal(health(), [true, 2, 0, undefined, undefined], 'with items');
      const held = await t.next(consumer.deliveries());
      await t.advance(10);
      equal(health(), [true, 1, 1, 10, undefined], '10 ms after a take');
      await t.given(t.op('ack', () => held.ack()));
      await t.settle();
      await t.advance(5);
      equal(health(), [true, 1, 0, 15, 5], '5 ms after an ack');
      await t.get(consumer, 1);
      await t.settle();
      await t.advance(1);
      equal(health(), [true, 0, 0, 1, 1], '1 ms after a get');
    },
  },
  {
    rule: 'T7',
    name: 'health forgets queues that have ended, and says when the transport is closed',
    run: async (t) => {
      const queue = t.queue();
      const names = (): unknown => t.fixture.transport.health().queues.map((found) => found.queue);
      equal(names(), [queue.name], 'open queues');
      queue.close();
      await t.settle();
      equal(names(), [], 'after the end');
      await t.given(t.op('close', () => t.fixture.transport.close()));
      equal(t.fixture.transport.health().open, false, 'open');
    },
  },
];
