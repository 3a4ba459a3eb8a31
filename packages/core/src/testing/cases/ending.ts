import { equal } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, EDGES, onTake, timed } from '../case.js';

/** Q5 Ends by itself. */
export const ending: CaseSpec[] = [
  {
    rule: 'Q5',
    name: 'an iteration does not end before the first producer, on an empty queue, or while a producer is open',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const consumer = await t.consumer(queue);
      const taking = t.collect(consumer);
      await t.waits(taking);
      const producer = await t.producer(queue);
      await t.waits(taking);
      await t.put(producer, 1);
      await t.waits(taking);
      queue.close();
      await t.waits(taking);
      await t.put(producer, 2);
      await t.given(t.op('close', () => producer.close()));
      await t.gives(taking, [1, 2]);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'a queue that is closed before it had any producer ends at once',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const consumer = await t.consumer(queue);
      const taking = t.collect(consumer);
      const ended = t.op('ended', () => queue.ended());
      await t.waits(taking, ended);
      queue.close();
      await t.gives(taking, []);
      await t.given(ended);
    },
  },
  ...[1, ...EDGES].map((count): CaseSpec => ({
    rule: 'Q5',
    name: `closing travels behind the items: ${count} put without waiting, then close`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1024 });
      const taking = t.collect(consumer);
      queue.close();
      await t.put(producer, 'first');
      const puts = numbers(count).map((n) => t.op(`put ${n}`, () => producer.put(n)));
      await t.given(t.op('close', () => producer.close()));
      const accepted = puts.flatMap((put, n) => (put.state === 'done' ? [n] : []));
      for (const put of puts.slice(accepted.length)) await t.refused(put, 'ENDPOINT_CLOSED');
      await t.gives(taking, ['first', ...accepted]);
    },
  })),
  {
    rule: 'Q5',
    name: 'no sentinel: undefined, null and false are items like others',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const items = [undefined, null, false, 0, ''];
      queue.close();
      const taking = t.collect(consumer);
      await t.given(
        t.op('putting', async () => {
          for (const item of items) await producer.put(item);
          await producer.close();
        }),
      );
      await t.gives(taking, items);
    },
  },
  {
    rule: 'Q5',
    name: 'every one of 13 consumers ends, by whatever way it waits',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = await t.producer(queue);
      const taking = [];
      for (const n of numbers(13)) {
        const consumer = await t.consumer(queue);
        if (n % 4 === 0) taking.push(t.collect(consumer));
        else if (n % 4 === 1)
          taking.push(
            t.op('deliveries', async () =>
              (await consumer.deliveries().next()).done === true ? [] : ['an item'],
            ),
          );
        else if (n % 4 === 2)
          taking.push(
            t.op('batches', async () =>
              (await consumer.batches().next()).done === true ? [] : ['an item'],
            ),
          );
        else taking.push(t.op('takeMany', () => consumer.takeMany(5)));
      }
      await t.waits(...taking);
      queue.close();
      await t.waits(...taking);
      await t.given(t.op('close', () => producer.close()));
      for (const op of taking) await t.gives(op, []);
    },
  },
  {
    rule: 'Q5',
    name: 'a get that waits at the end fails with QUEUE_ENDED, and so do get and tryGet afterwards',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const get = t.op('get', () => consumer.get());
      await t.waits(get);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.refused(get, 'QUEUE_ENDED');
      await t.refused(
        t.op('get', () => consumer.get()),
        'QUEUE_ENDED',
      );
      await t.refused(
        t.op('tryGet', () => consumer.tryGet()),
        'QUEUE_ENDED',
      );
    },
  },
  {
    rule: 'Q5',
    name: 'drained cuts a partial batch at once',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1, 2);
      const batches = consumer.batches({ max: 64, within: 1_000_000 });
      const next = t.op('next', () => batches.next());
      await t.waits(next);
      queue.close();
      await t.waits(next);
      await t.given(t.op('close', () => producer.close()));
      await t.gives(next, { done: false, value: [1, 2] });
      await t.ends(batches);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'the last producer to close ends nothing while the queue is open: another may come',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const taking = t.collect(consumer);
      await t.put(producer, 1);
      await t.given(t.op('close', () => producer.close()));
      await t.waits(taking);
      const another = await t.producer(queue);
      await t.put(another, 2);
      queue.close();
      await t.given(t.op('close', () => another.close()));
      await t.gives(taking, [1, 2]);
    },
  },
  {
    rule: 'Q5',
    name: 'the end is told once, by the event and by ended()',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const events: unknown[] = [];
      const stop = queue.on('ended', (event) => events.push(event.queue));
      await t.put(producer, 1);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.settle();
      equal(events, [], 'events before the end');
      await t.gives(t.collect(consumer), [1]);
      await t.given(t.op('ended', () => queue.ended()));
      queue.close();
      await t.settle();
      equal(events, [queue.name], 'events');
      stop();
    },
  },
  {
    rule: 'Q5',
    name: 'a consumer that comes after the end iterates over nothing',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 1);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.gives(t.collect(consumer), [1]);
      await t.gives(t.collect(await t.consumer(queue)), []);
    },
  },
  {
    rule: 'Q5',
    name: 'a queue that acknowledges on-take ends with its last item',
    when: onTake,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, acknowledge: 'on-take' });
      await t.put(producer, 1, 2);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const ended = t.op('ended', () => queue.ended());
      equal(await t.get(consumer, 1), [1], 'the first');
      await t.waits(ended);
      equal(await t.get(consumer, 1), [2], 'the last');
      await t.given(ended);
    },
  },
  {
    rule: 'Q5',
    name: 'a producer slot keeps a closed queue open until it is given up',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const slot = queue.producerSlot();
      const taking = t.collect(await t.consumer(queue));
      queue.close();
      await t.waits(taking);
      slot.close();
      slot.close();
      await t.gives(taking, []);
    },
  },
];
