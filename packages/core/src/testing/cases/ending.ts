import { equal, ok } from '../assert.js';
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
  ...[1, ...EDGES].map(
    (count): CaseSpec => ({
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
    }),
  ),
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
        else if (n % 4 === 1) taking.push(t.op('deliveries', async () => ((await consumer.deliveries().next()).done === true ? [] : ['an item'])));
        else if (n % 4 === 2) taking.push(t.op('batches', async () => ((await consumer.batches().next()).done === true ? [] : ['an item'])));
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
  ...(['ack', 'nack'] as const).map(
    (settle): CaseSpec => ({
      rule: 'Q5',
      name: `an iteration waits for what another has in hand: ${settle === 'ack' ? 'it ends when that is acked' : 'it gets what is given back'}`,
      run: async (t) => {
        const { queue, producer, consumer } = await t.pair({ capacity: 1 });
        const other = await t.consumer(queue);
        await t.put(producer, 'x');
        const inHand = await t.next(other.deliveries());
        queue.close();
        await t.given(t.op('close', () => producer.close()));
        const taking = t.collect(consumer);
        const ended = t.op('ended', () => queue.ended());
        await t.waits(taking, ended);
        await t.given(t.op(settle, () => inHand[settle]()));
        await t.gives(taking, settle === 'ack' ? [] : ['x']);
        await t.given(ended);
      },
    }),
  ),
  {
    rule: 'Q5',
    name: 'an iteration that holds the only unsettled items ends at drained, and can still ack them',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const held = [await t.next(deliveries), await t.next(deliveries)];
      const next = t.op('next', () => deliveries.next());
      queue.close();
      await t.waits(next);
      await t.given(t.op('close', () => producer.close()));
      equal((await t.given(next)).done, true, 'done');
      const ended = t.op('ended', () => queue.ended());
      await t.waits(ended);
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
      await t.given(ended);
    },
  },
  {
    rule: 'Q5',
    name: 'what such an iteration gives back afterwards is delivered to whoever asks',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 'x');
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.ends(deliveries);
      const late = t.collect(await t.consumer(queue));
      await t.waits(late);
      await t.given(t.op('nack', () => held.nack()));
      await t.gives(late, ['x']);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'of two iterations that each hold an item, neither ends before the other has settled, and both end',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      const other = await t.consumer(queue);
      await t.put(producer, 1, 2);
      const [here, there] = [consumer.deliveries(), other.deliveries()];
      const [mine, theirs] = [await t.next(here), await t.next(there)];
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const nexts = [t.op('next here', () => here.next()), t.op('next there', () => there.next())] as const;
      await t.waits(...nexts);
      await t.given(t.op('ack', () => mine.ack()));
      equal((await t.given(nexts[1])).done, true, 'the one that holds the only unsettled item');
      await t.waits(nexts[0]);
      await t.given(t.op('nack', () => theirs.nack()));
      const again = await t.given(nexts[0]);
      ok(again.done !== true && again.value.value === 2, 'what was given back was not delivered to the iteration that waited');
      await t.given(t.op('ack', () => again.value.ack()));
      await t.ends(here);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'acking the last item in hand ends the very iteration that waits meanwhile',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      const other = await t.consumer(queue);
      await t.put(producer, 1, 2, 3);
      const deliveries = consumer.deliveries();
      const held = [await t.next(deliveries), await t.next(deliveries)];
      const theirs = await t.next(other.deliveries());
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const next = t.op('next', () => deliveries.next());
      await t.waits(next);
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
      await t.waits(next);
      await t.given(t.op('ack', () => theirs.ack()));
      equal((await t.given(next)).done, true, 'done');
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
