import { asyncDispose } from '../../queues/travel.js';
import { equal, fails, ok } from '../assert.js';
import { all, type Bench, numbers, type Ready } from '../bench.js';
import { type CaseSpec, copies, dropsNewest, dropsOldest, gates, transfers } from '../case.js';
import type { FarConsumer, FarProducer } from '../far.js';
import type { Overflow, QueueOptions } from '../../transport/spec.js';

interface GatedPair {
  readonly queue: Ready;
  readonly producer: FarProducer;
  readonly consumer: FarConsumer;
}

/** A ReadyQueue, ready, with one endpoint on each side. */
export async function readyPair(t: Bench, options: QueueOptions): Promise<GatedPair> {
  const queue = t.readyQueue(options);
  const pair = { queue, producer: await t.producer(queue), consumer: await t.consumer(queue) };
  await t.given(t.op('setReady', () => queue.setReady()));
  return pair;
}

const overflows = (t: Bench): readonly Overflow[] => t.target.manifest.overflow;

/** Q8 Ready gate, and what Q16 says of values there. */
export const ready: CaseSpec[] = [
  {
    rule: 'Q8',
    name: 'a queue that is not ready refuses every put and holds nothing, full or not, at capacity 1',
    when: gates,
    run: async (t) => {
      for (const overflow of overflows(t)) {
        const queue = t.readyQueue({ capacity: 1, overflow });
        const producer = await t.producer(queue);
        ok(!queue.ready, 'a new queue is ready');
        for (const n of numbers(3))
          await t.gives(
            t.op(`put ${n}`, () => producer.put(n)),
            'refused',
          );
        await t.gives(
          t.op('tryPut', () => producer.tryPut('x')),
          false,
        );
        await t.gives(
          t.op('putMany', () => producer.putMany(numbers(5))),
          { accepted: 0, dropped: 0, refused: 5 },
        );
        await t.given(t.op('whenRoom', () => producer.whenRoom()));
        await t.hasStats(queue, { size: 0, put: 0, dropped: 0, refused: 9 });
      }
    },
  },
  {
    rule: 'Q8',
    name: 'readiness can be read, and each change is an event',
    when: gates,
    run: async (t) => {
      const queue = t.readyQueue();
      const events: unknown[] = [];
      queue.on('ready', (event) => events.push([event.ready, queue.ready, event.queue]));
      for (const call of [
        'setReady',
        'setReady',
        'refuse',
        'setNotReady',
        'setReady',
        'setNotReady',
      ] as const)
        // prettier-ignore
        await t.given(t.op(call, async () => {
          await queue[call]();
        }));
      const { name } = queue;
      equal(events, [true, false, true, false].map((is) => [is, is, name]), 'events'); // prettier-ignore
    },
  },
  ...[1, 2, 64, 257].map((capacity): CaseSpec => ({
    rule: 'Q8',
    name: `while it is ready it is a queue like any other, in order, bounded, at capacity ${capacity}`,
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity });
      const puts = numbers(capacity + 2).map((n) => t.op(`put ${n}`, () => producer.put(n)));
      await t.waits(...puts.slice(capacity));
      await t.hasStats(queue, { size: capacity, put: capacity, refused: 0 });
      for (const put of puts.slice(0, capacity)) await t.gives(put, 'accepted');
      await t.gives(t.op('tryPut', () => producer.tryPut('no')), false); // prettier-ignore
      queue.close();
      const taking = t.collect(consumer);
      for (const put of puts) await t.gives(put, 'accepted');
      await t.gives(t.op('tryPut', () => producer.tryPut('yes')), true); // prettier-ignore
      await t.gives(
        t.op('putMany', () => producer.putMany(numbers(300))),
        { accepted: 300, dropped: 0, refused: 0 },
      );
      await t.given(t.op('close', () => producer.close()));
      await t.gives(taking, [...numbers(capacity + 2), 'yes', ...numbers(300)]);
    },
  })),
  {
    rule: 'Q8',
    name: 'room that others wait for is not kept by who put before, at capacity 1',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      const other = await t.producer(queue);
      await t.put(producer, 0);
      const puts = [t.op('put', () => other.put(1)), t.op('put', () => producer.put(2))];
      await t.waits(...puts);
      const got = await t.get(consumer, 3);
      equal(got.sort(), [0, 1, 2], 'items');
      for (const put of puts) await t.gives(put, 'accepted');
      await t.given(t.op('whenRoom', () => producer.whenRoom()));
      await t.gives(t.op('put by the other', () => other.put(3)), 'accepted'); // prettier-ignore
    },
  },
  ...[1, 64, 257].map((count): CaseSpec => ({
    rule: 'Q8',
    name: `turning it not ready discards all ${count} that wait, wherever they lie, and says how many`,
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 512 });
      await t.given(t.op('putMany', () => producer.putMany(numbers(count + 1))));
      await t.settle();
      const items = consumer.items();
      equal(await t.next(items), 0, 'the first');
      await t.settle();
      const next = t.op('setNotReady', () => queue.setNotReady());
      await t.gives(next, count);
      await t.hasStats(queue, { size: 0, cleared: count, inHand: 1 });
      await t.gives(t.op('put', () => producer.put('x')), 'refused'); // prettier-ignore
      const waiting = t.op('next', () => items.next());
      await t.waits(waiting);
      await t.hasStats(queue, { inHand: 0, acked: 1 });
      await t.given(t.op('setReady', () => queue.setReady()));
      await t.put(producer, 'new');
      await t.gives(waiting, { done: false, value: 'new' });
    },
  })),
  {
    rule: 'Q8',
    name: 'what is in hand when it turns not ready stays in hand; given back, it is discarded',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 2 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const [a, b] = [await t.next(deliveries), await t.next(deliveries)];
      await t.gives(t.op('setNotReady', () => queue.setNotReady()), 0); // prettier-ignore
      await t.given(t.op('setReady', () => queue.setReady()));
      await t.hasStats(queue, { inHand: 2, size: 0 });
      await t.given(t.op('ack', () => a.ack()));
      await t.given(t.op('nack', () => b.nack()));
      await t.hasStats(queue, { inHand: 0, size: 0, acked: 1, cleared: 1 });
    },
  },
  ...(['setNotReady', 'refuse'] as const).map((call): CaseSpec => ({
    rule: 'Q8',
    name: `${call} answers puts that wait, at capacity 1: refused`,
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      const many = t.op('putMany', () => producer.putMany(numbers(4)));
      const put = t.op('put', () => producer.put('x'));
      const room = t.op('whenRoom', () => producer.whenRoom());
      await t.waits(many, put, room);
      await t.given(
        t.op(call, async () => {
          await queue[call]();
        }),
      );
      await t.gives(many, { accepted: 1, dropped: 0, refused: 3 });
      await t.gives(put, 'refused');
      await t.given(room);
      await t.hasStats(queue, { put: 1, refused: 4, size: call === 'refuse' ? 1 : 0 });
      await t.given(t.op('setReady', () => queue.setReady()));
      await t.given(
        t.op('get', async () => {
          await consumer.tryGet();
        }),
      );
      // What was refused comes no more, and room is where it was.
      await t.put(producer, 'y');
      await t.waits(t.op('put beyond', () => producer.put('z')));
      equal(await t.get(consumer, 1), ['y'], 'the item');
    },
  })),
  {
    rule: 'Q8',
    name: 'refuse keeps what waits, to be taken to the last',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 8 });
      await t.put(producer, ...numbers(5));
      await t.given(t.op('refuse', () => queue.refuse()));
      await t.gives(t.op('put', () => producer.put('x')), 'refused'); // prettier-ignore
      const join = t.op('join', () => queue.join());
      equal(await t.get(consumer, 5), numbers(5), 'items');
      await t.given(join);
      await t.given(t.op('setReady', () => queue.setReady()));
      await t.put(producer, 'y');
      await t.given(t.op('refuse', () => queue.refuse()));
      await t.gives(t.op('setNotReady', () => queue.setNotReady()), 1); // prettier-ignore
      await t.hasStats(queue, { size: 0, cleared: 1 });
    },
  },
  {
    rule: 'Q8',
    name: 'a lossy one that is ready drops as others do, and refuses when it is not',
    when: (target) => gates(target) && dropsOldest(target) && dropsNewest(target),
    run: async (t) => {
      for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
        const { queue, producer, consumer } = await readyPair(t, { capacity: 2, overflow });
        const dropped = overflow === 'drop-newest' ? 2 : 0;
        await t.gives(
          t.op('putMany', () => producer.putMany(numbers(4))),
          { accepted: 4 - dropped, dropped, refused: 0 },
        );
        await t.hasStats(queue, { size: 2, dropped: 2, refused: 0 });
        equal(await t.get(consumer, 2), dropped === 0 ? [2, 3] : [0, 1], 'what was kept');
        await t.put(producer, 'held');
        await t.gives(t.op('setNotReady', () => queue.setNotReady()), 1); // prettier-ignore
        await t.gives(t.op('put', () => producer.put('x')), 'refused'); // prettier-ignore
        await t.hasStats(queue, { size: 0, refused: 1, dropped: 2 });
      }
    },
  },
  {
    rule: 'Q8',
    name: 'an endpoint that is opened later knows whether the queue is ready',
    when: gates,
    run: async (t) => {
      const queue = t.readyQueue({ capacity: 1 });
      for (const is of [false, true, false]) {
        if (is) await t.given(t.op('setReady', () => queue.setReady()));
        else await t.given(t.op('setNotReady', () => queue.setNotReady()));
        const producer = await t.producer(queue);
        await t.gives(
          t.op('put', () => producer.put('x')),
          is ? 'accepted' : 'refused',
        );
      }
    },
  },
  {
    rule: 'Q8',
    name: 'a delivery puts into a queue that is ready, and is refused by one that is not',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      await t.put(producer, 'x');
      const delivery = await t.next(consumer.deliveries());
      await t.gives(t.op('delivery.put', () => delivery.put('y')), 'accepted'); // prettier-ignore
      await t.hasStats(queue, { size: 1, inHand: 1 });
      const other = await t.consumer(queue);
      const waiting = t.op('delivery.put', () => delivery.put('z'));
      await t.waits(waiting);
      await t.gives(t.op('setNotReady', () => queue.setNotReady()), 1); // prettier-ignore
      await t.gives(waiting, 'refused');
      await t.gives(t.op('delivery.put', () => delivery.put('z')), 'refused'); // prettier-ignore
      await t.given(t.op('ack', () => delivery.ack()));
      await t.gives(t.op('tryGet', () => other.tryGet()), undefined); // prettier-ignore
    },
  },
  {
    rule: 'Q16',
    name: 'a moved value that is refused by a queue that is not ready stays whole',
    when: (target) => gates(target) && transfers(target),
    run: async (t) => {
      const { queue, producer } = await readyPair(t, { capacity: 1 });
      await t.put(producer, 'full');
      const bytes = new Uint8Array([1, 2, 3]);
      const put = t.op('put', () => producer.put(bytes, { transfer: [bytes.buffer] }));
      await t.waits(put);
      await t.given(t.op('setNotReady', () => queue.setNotReady()));
      await t.gives(put, 'refused');
      await t.gives(t.op('tryPut', () => producer.tryPut(bytes, { transfer: [bytes.buffer] })), false); // prettier-ignore
      equal(bytes.byteLength, 3, 'bytes left');
    },
  },
  {
    rule: 'Q16',
    name: 'a value that cannot be carried is an error, whether the queue is ready or not',
    when: (target) => gates(target) && copies(target),
    run: async (t) => {
      const queue = t.readyQueue({ capacity: 1 });
      const producer = await t.producer(queue);
      for (const is of [false, true]) {
        if (is) await t.given(t.op('setReady', () => queue.setReady()));
        await fails(() => producer.put(() => 1), 'VALUE_NOT_CLONEABLE', 'put');
        await fails(() => producer.tryPut(() => 1), 'VALUE_NOT_CLONEABLE', 'tryPut');
      }
      await t.put(producer, 'good');
    },
  },
  {
    rule: 'Q8',
    name: 'it ends like any other, ready or not',
    when: gates,
    run: async (t) => {
      for (const call of ['setReady', 'refuse', 'setNotReady'] as const) {
        const { queue, producer, consumer } = await readyPair(t, { capacity: 4 });
        await t.put(producer, 1, 2);
        await t.given(
          t.op(call, async () => {
            await queue[call]();
          }),
        );
        queue.close();
        await t.given(t.op('close', () => producer.close()));
        const got = await t.given(t.op('iterating', () => all(consumer.items())));
        equal(got, call === 'setNotReady' ? [] : [1, 2], 'items');
        await t.given(t.op('ended', () => queue.ended()));
      }
    },
  },
  {
    rule: 'Q8',
    name: 'dead letters are not put back while it is not ready, and stay',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      await t.put(producer, 'x');
      const delivery = await t.next(consumer.deliveries());
      await t.given(t.op('reject', () => delivery.reject()));
      await t.given(t.op('refuse', () => queue.refuse()));
      await t.gives(t.op('putBack', () => queue.deadLetters.putBack('all')), 0); // prettier-ignore
      await t.given(t.op('setReady', () => queue.setReady()));
      await t.gives(t.op('putBack', () => queue.deadLetters.putBack('all')), 1); // prettier-ignore
      equal(await t.remaining(queue), ['x'], 'what was put back');
    },
  },
  {
    rule: 'Q8',
    name: 'a queue that was disposed of is not ready for anything',
    when: gates,
    run: async (t) => {
      const queue = t.readyQueue();
      await queue[asyncDispose]();
      for (const call of ['setReady', 'refuse', 'setNotReady'] as const)
        await fails(() => queue[call](), 'QUEUE_CLOSED', call);
    },
  },
];
