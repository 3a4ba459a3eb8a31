import { codeOf, equal, ok } from '../assert.js';
import { type Bench, numbers } from '../bench.js';
import { type CaseSpec, headed } from '../case.js';
import type { FarConsumer, FarDelivery } from '../far.js';

/** Pages link to pages: each is put by the delivery of the one that links to it. */
async function crawl(
  consumer: FarConsumer,
  links: (page: number) => number[],
  found: number[],
  stuck: { times: number },
): Promise<void> {
  const deliveries = consumer.deliveries();
  for (let step = await deliveries.next(); step.done !== true; step = await deliveries.next()) {
    const delivery: FarDelivery = step.value;
    const page = delivery.value as number;
    found.push(page);
    for (const next of links(page)) {
      try {
        await delivery.put(next);
      } catch (error) {
        if (codeOf(error) !== 'CONSUMERS_STUCK') throw error;
        stuck.times++;
      }
    }
    await delivery.ack();
  }
}

async function crawlAll(
  t: Bench,
  capacity: number,
  consumers: number,
  links: (page: number) => number[],
): Promise<[found: number[], stuck: number]> {
  const queue = t.queue({ capacity });
  const producer = await t.producer(queue);
  const found: number[] = [];
  const stuck = { times: 0 };
  const crawling = [];
  for (let n = 0; n < consumers; n++) {
    const consumer = await t.consumer(queue);
    crawling.push(t.op(`crawler ${n}`, () => crawl(consumer, links, found, stuck)));
  }
  await t.put(producer, 0);
  queue.close();
  await t.given(t.op('close', () => producer.close()));
  for (const op of crawling) await t.given(op);
  await t.given(t.op('ended', () => queue.ended()));
  return [found, stuck.times];
}

/** Q20 Loops. */
export const loops: CaseSpec[] = [
  ...(
    [
      [1, 1],
      [1, 3],
      [2, 2],
      [64, 1],
      [256, 3],
    ] as const
  ).map(
    // prettier-ignore
    ([capacity, consumers]): CaseSpec => ({
      rule: 'Q20',
      name: `a crawler of a chain of 300 pages ends by itself: capacity ${capacity}, ${consumers} consumers`,
      run: async (t) => {
        const [found, stuck] = await crawlAll(t, capacity, consumers, (page) => (page < 299 ? [page + 1] : []));
        equal(found, numbers(300), 'pages');
        equal(stuck, 0, 'times that the consumers were stuck');
      },
    }),
  ),
  ...(
    [
      [1, 1],
      [1, 3],
      [5, 2],
      [512, 3],
    ] as const
  ).map(
    // prettier-ignore
    ([capacity, consumers]): CaseSpec => ({
      rule: 'Q20',
      name: `a crawler of a tree of 255 pages ends, by an answer or by the coded error: capacity ${capacity}, ${consumers} consumers`,
      run: async (t) => {
        const links = (page: number): number[] => (page < 127 ? [page * 2 + 1, page * 2 + 2] : []);
        const [found, stuck] = await crawlAll(t, capacity, consumers, links);
        equal(new Set(found).size, found.length, 'pages, each once');
        if (capacity === 512) equal(stuck, 0, 'times that the consumers were stuck');
        if (stuck === 0) equal(found.length, 255, 'pages');
        else ok(found.length > 1, 'nothing was found');
      },
    }),
  ),
  {
    rule: 'Q20',
    name: 'a delivery holds the closed queue open for its own puts, until it settles',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = t.collect(await t.consumer(queue));
      await t.settle();
      const deliveries = consumer.deliveries();
      const next = t.op('next', () => deliveries.next());
      await t.put(producer, 'a');
      await t.settle();
      queue.close();
      await t.put(producer, 'b');
      await t.given(t.op('close', () => producer.close()));
      const step = await t.given(next);
      ok(step.done !== true, 'the first consumer got nothing');
      await t.gives(
        t.op('delivery.put', () => step.value.put('c')),
        'accepted',
      );
      await t.waits(other);
      await t.given(t.op('ack', () => step.value.ack()));
      const got = await t.given(other);
      equal([step.value.value, ...got].sort(), ['a', 'b', 'c'], 'all items');
      await t.refused(t.op('put after ack', () => step.value.put('d')), 'DELIVERY_SETTLED'); // prettier-ignore
    },
  },
  ...(['ack', 'nack'] as const).map((settle): CaseSpec => ({
    rule: 'Q20',
    name: `${settle} of a delivery settles its puts that wait: what it holds open no more gets nothing new`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.consumer(queue);
      await t.put(producer, 1);
      const held = await t.next(consumer.deliveries());
      await t.put(producer, 2);
      const put = t.op('delivery.put', () => held.put('late'));
      await t.waits(put);
      await t.given(t.op(settle, () => held[settle]()));
      await t.refused(put, 'DELIVERY_SETTLED');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.given(t.op('clear', () => queue.clear()));
      await t.given(t.op('ended', () => queue.ended()));
      await t.hasStats(queue, { put: 2, size: 0 });
    },
  })),
  {
    rule: 'Q20',
    name: "a delivery's put is confirmed before its ack",
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 'a');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const held = await t.next(consumer.deliveries());
      await t.given(
        t.op('a put and an ack', async () => {
          await held.put('b');
          await held.ack();
        }),
      );
      await t.hasStats(queue, { put: 2, size: 1, acked: 1, inHand: 0 });
      equal(await t.remaining(queue), ['b'], 'what the delivery put');
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q20',
    name: 'when every consumer waits to put into its own full queue, one gets the coded error and the others go on',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = await t.producer(queue);
      const held: FarDelivery[] = [];
      for (const n of numbers(2)) {
        const consumer = await t.consumer(queue);
        await t.put(producer, n);
        held.push(await t.next(consumer.deliveries()));
      }
      await t.put(producer, 'full');
      const first = t.op('put by the first', () => held[0]!.put('x'));
      await t.waits(first);
      const second = t.op('put by the second', () => held[1]!.put('y'));
      await t.settle();
      ok(
        first.pending !== second.pending,
        `of two puts, ${first.pending ? 'both wait' : 'none waits'}`,
      );
      const [stuck, free] = first.pending ? [second, first] : [first, second];
      const error = await t.refused(stuck, 'CONSUMERS_STUCK');
      ok(error.message.includes(queue.name), `the error does not name the queue: ${error.message}`);
      equal(await t.remaining(queue), ['full'], 'what was there');
      await t.gives(free, 'accepted');
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
      await t.remaining(queue);
    },
  },
  {
    rule: 'Q20',
    name: 'also when one of them waits twice',
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const producer = await t.producer(queue);
      const held: FarDelivery[] = [];
      for (const n of numbers(2)) {
        const consumer = await t.consumer(queue);
        await t.put(producer, n);
        held.push(await t.next(consumer.deliveries()));
      }
      await t.put(producer, 'full');
      for (const order of [
        [1, 1, 0],
        [0, 0, 1],
      ]) {
        const puts = order.map((n) => t.op(`put by ${n}`, () => held[n]!.put('x')));
        await t.settle();
        const waiting = order.filter((_, i) => puts[i]!.pending);
        ok(new Set(waiting).size < 2, 'both consumers wait, and nobody can make room');
        for (const put of puts) if (!put.pending) put.refusal('CONSUMERS_STUCK');
        for (const value of ['full', ...waiting.map(() => 'x')])
          equal(await t.remainingOne(queue), value, 'what was there');
        for (const put of puts)
          if (put.state === 'done') equal(put.value, 'accepted', 'a put that waited');
        await t.put(producer, 'full');
      }
      await t.remaining(queue);
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
    },
  },
  {
    rule: 'Q20',
    name: 'the last consumer that could make room leaves: the others get the coded error',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = await t.consumer(queue);
      await t.put(producer, 1);
      const held = await t.next(consumer.deliveries());
      await t.put(producer, 'full');
      const put = t.op('delivery.put', () => held.put('x'));
      await t.waits(put);
      await t.given(t.op('close the other', () => other.close()));
      await t.refused(put, 'CONSUMERS_STUCK');
      await t.given(t.op('ack', () => held.ack()));
      equal(await t.remaining(queue), ['full'], 'what was there');
    },
  },
  {
    rule: 'Q20',
    name: 'closing the consumer settles a put of its delivery that waits, and its item comes back',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.consumer(queue);
      await t.put(producer, 1);
      const held = await t.next(consumer.deliveries());
      await t.put(producer, 2);
      const put = t.op('delivery.put', () => held.put('x'));
      await t.waits(put);
      await t.given(t.op('close', () => consumer.close()));
      await t.refused(put, 'ENDPOINT_CLOSED');
      equal(await t.remaining(queue), [1, 2], 'what is there');
    },
  },
  {
    rule: 'Q20',
    name: 'delivery.tryPut puts if there is room, says when there is none, and holds the closed queue open, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 'a');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      await t.gives(t.op('tryPut', () => held.tryPut('b', headed(t.target) ? { headers: { by: 'a' } } : undefined)), true); // prettier-ignore
      await t.gives(t.op('tryPut of a full queue', () => held.tryPut('c')), false); // prettier-ignore
      await t.given(t.op('ack', () => held.ack()));
      await t.refused(t.op('tryPut after ack', () => held.tryPut('d')), 'DELIVERY_SETTLED'); // prettier-ignore
      const second = await t.next(deliveries);
      equal([second.value, second.headers], ['b', headed(t.target) ? { by: 'a' } : undefined], 'what was put');
      await t.given(t.op('ack', () => second.ack()));
      await t.ends(deliveries);
      await t.hasStats(queue, { put: 2, acked: 2 });
    },
  },
  ...(['ack', 'nack', 'reject'] as const).map((settle): CaseSpec => ({
    rule: 'Q20',
    name: `${settle} before a tryPut of its delivery is answered: it was put before, or is not put`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 'a');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const held = await t.next(consumer.deliveries());
      let ended = false;
      queue.on('ended', () => {
        ended = true;
      });
      const put = t.op('tryPut', () => held.tryPut('b'));
      await t.given(t.op(settle, () => held[settle]()));
      await t.settle();
      const was = put.state === 'done' && put.value === true;
      ok(!(was && ended), 'it was put into a queue that had ended');
      if (!was) put.refusal('DELIVERY_SETTLED');
      const left = [...(settle === 'nack' ? ['a'] : []), ...(was ? ['b'] : [])];
      equal(await t.remaining(queue), left, 'what is left');
      await t.given(t.op('ended', () => queue.ended()));
    },
  })),
];
