import { equal, fail, ok } from '../assert.js';
import { type Bench, numbers } from '../bench.js';
import { type CaseSpec, EDGES, onTake, timed } from '../case.js';
import type { FarDelivery, FarIterator } from '../far.js';
import { busyPair } from './ahead.js';

const values = (batch: readonly FarDelivery[]): unknown[] => batch.map(({ value }) => value);

async function ackAll(t: Bench, batch: readonly FarDelivery[]): Promise<void> {
  await t.givenAll(batch.map((delivery) => t.op('ack', () => delivery.ack())));
}

/** Takes batches until there are so many items, as a loop does, and acknowledges none. */
async function takes(
  t: Bench,
  batches: FarIterator<FarDelivery[]>,
  count: number,
  most = count,
): Promise<FarDelivery[]> {
  const got: FarDelivery[] = [];
  await t.given(
    t.op('batches', async () => {
      while (got.length < count) {
        const { done, value: batch } = await batches.next();
        if (done === true) fail('the iteration has ended');
        ok(batch.length >= 1 && batch.length <= most, `a batch of ${batch.length}`);
        got.push(...batch);
      }
    }),
  );
  return got;
}

/** Q17 Batches, of deliveries. */
export const deliveryBatches: CaseSpec[] = [
  ...[1, ...EDGES].map((max): CaseSpec => ({
    rule: 'Q17',
    name: `batches of ${max} deliveries at the most, of ${max * 2 + 1}, each settled by itself`,
    run: async (t) => {
      const count = max * 2 + 1;
      const { queue, producer, consumer } = await t.pair({ capacity: 1024 });
      await t.given(t.op('putMany', () => producer.putMany(numbers(count))));
      await t.settle();
      const batches = consumer.deliveryBatches({ max });
      const got = await takes(t, batches, count, max);
      equal(values(got), numbers(count), 'items');
      await t.hasStats(queue, { inHand: count, acked: 0 });
      const [first, ...others] = got;
      await t.given(t.op('nack', () => first!.nack()));
      await ackAll(t, others);
      await t.hasStats(queue, { inHand: 0, acked: count - 1, size: 1 });
      const [again] = await t.next(batches);
      equal([again!.value, again!.attempt], [0, 2], 'what was given back');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await ackAll(t, [again!]);
      await t.ends(batches);
    },
  })),
  {
    rule: 'Q17',
    name: 'several calls of next may wait: they are served in order, and their batches open together, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const batches = consumer.deliveryBatches({ max: 2 });
      const steps = numbers(3).map((n) => t.op(`next ${n}`, () => batches.next()));
      await t.waits(...steps);
      const open: FarDelivery[] = [];
      for (const [n, step] of steps.entries()) {
        await t.put(producer, n);
        const result = await t.given(step);
        ok(result.done !== true, 'the iteration has ended');
        equal(values(result.value), [n], `batch ${n}`);
        open.push(...result.value);
        await t.waits(...steps.slice(n + 1));
      }
      await t.hasStats(queue, { inHand: 3 });
      await ackAll(t, open.reverse());
      await t.hasStats(queue, { inHand: 0, acked: 3 });
    },
  },
  {
    rule: 'Q17',
    name: 'calls of next that wait are settled in their order, also when the wait is given up',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const cancel = t.signal();
      const batches = consumer.deliveryBatches({ max: 1, signal: cancel.signal });
      const order: string[] = [];
      const steps = numbers(4).map((n) => {
        const step = t.op(`next ${n}`, () => batches.next());
        void step.over.then(() =>
          order.push(`${n} ${step.state === 'failed' ? 'failed' : String(step.value?.done)}`),
        );
        return step;
      });
      await t.put(producer, 'x');
      await t.given(steps[0]!);
      await t.waits(...steps.slice(1));
      cancel.abort();
      await t.refused(steps[1]!, 'ABORTED');
      await t.settle();
      equal(order, ['0 false', '1 failed', '2 true', '3 true'], 'the order of the answers');
    },
  },
  {
    rule: 'Q17',
    name: 'a loop over batches of deliveries that is left gives back what it was not given, unbegun; the rest can still be settled',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const batches = consumer.deliveryBatches({ max: 2, within: 1000 });
      await t.put(producer, 1, 2);
      const open = await t.next(batches);
      equal(values(open), [1, 2], 'the batch');
      const next = t.op('next', () => batches.next());
      await t.put(producer, 3);
      await t.waits(next);
      await t.hasStats(queue, { inHand: 3, taken: 3 });
      await t.given(t.op('return', () => batches.return!()));
      await t.gives(next, { done: true, value: undefined });
      await t.hasStats(queue, { inHand: 2, size: 1, taken: 2 });
      await t.given(t.op('ack', () => open[0]!.ack()));
      await t.given(t.op('nack', () => open[1]!.nack()));
      await t.hasStats(queue, { inHand: 0, size: 2 });
      const rest = (await t.consumer(queue)).deliveries();
      const [second, third] = [await t.next(rest), await t.next(rest)];
      equal([second.value, second.attempt], [2, 2], 'what was given back');
      equal(third.value, 3, 'what nobody had seen');
      await ackAll(t, [second, third]);
      await t.hasStats(queue, { acked: 3, inHand: 0, size: 0 });
    },
  },
  {
    rule: 'Q17',
    name: 'closing the consumer gives back every batch that is not settled, and settles calls of next',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8 });
      await t.put(producer, ...numbers(4));
      await t.settle();
      const batches = consumer.deliveryBatches({ max: 2 });
      const open = await takes(t, batches, 4);
      await t.given(t.op('ack', () => open[1]!.ack()));
      const next = t.op('next', () => batches.next());
      await t.waits(next);
      await t.given(t.op('close', () => consumer.close()));
      await t.refused(next, 'ENDPOINT_CLOSED');
      await t.refused(t.op('a late ack', () => open[0]!.ack()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.hasStats(queue, { size: 3, inHand: 0, acked: 1 });
      equal(await t.remaining(queue), [0, 2, 3], 'what came back');
    },
  },
  {
    rule: 'Q17',
    name: 'a batch of deliveries is cut when the queue is drained, and the iteration ends while they are open',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const batches = consumer.deliveryBatches({ max: 8, within: Infinity });
      const next = t.op('next', () => batches.next());
      await t.put(producer, 1, 2);
      await t.waits(next);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const step = await t.given(next);
      ok(step.done !== true, 'the iteration has ended');
      equal(values(step.value), [1, 2], 'the partial batch');
      await t.ends(batches);
      const ended = t.op('ended', () => queue.ended());
      await t.waits(ended);
      await ackAll(t, step.value);
      await t.given(ended);
    },
  },
  {
    rule: 'Q17',
    name: 'drain hands over what a call of next has gathered, and then the iteration ends though the queue is open',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const batches = consumer.deliveryBatches({ max: 8, within: 1000 });
      const [first, second] = [
        t.op('next', () => batches.next()),
        t.op('the next after', () => batches.next()),
      ];
      await t.put(producer, 1, 2);
      await t.waits(first, second);
      await t.given(t.op('drain', () => batches.drain()));
      const step = await t.given(first);
      ok(step.done !== true, 'the iteration has ended');
      equal(values(step.value), [1, 2], 'what was gathered');
      await t.gives(second, { done: true, value: undefined });
      equal(t.clock.pending().timers, 0, 'timers');
      await t.given(t.op('drain again', () => batches.drain()));
      await t.put(producer, 3);
      await t.ends(batches);
      await ackAll(t, step.value);
      equal(await t.remaining(queue), [3], 'what came later');
    },
  },
  {
    rule: 'Q17',
    name: 'drain ends a call of next that waits for nothing, at capacity 1',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const batches = consumer.deliveryBatches({ max: 3, within: Infinity });
      const next = t.op('next', () => batches.next());
      await t.waits(next);
      await t.given(t.op('drain', () => batches.drain()));
      await t.gives(next, { done: true, value: undefined });
      await t.put(producer, 1);
      equal(await t.remaining(queue), [1], 'what came later');
    },
  },
  ...[1, 64, 257].map((count): CaseSpec => ({
    rule: 'Q17',
    name: `drain gives all ${count} that wait, without waiting for more`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 512 });
      await t.given(t.op('putMany', () => producer.putMany(numbers(count))));
      await t.settle();
      const batches = consumer.deliveryBatches({ max: 64, within: Infinity });
      await t.given(t.op('drain', () => batches.drain()));
      const open = await takes(t, batches, count);
      equal(values(open), numbers(count), 'items');
      await t.ends(batches);
      await ackAll(t, open);
      await t.hasStats(queue, { acked: count, size: 0, inHand: 0 });
    },
  })),
  {
    rule: 'Q17',
    name: 'drain finds what a busy consumer has fetched ahead',
    run: async (t) => {
      const { queue, producer, iterator } = await busyPair(t, 256);
      await t.given<unknown>(t.op('putMany', () => producer.putMany(numbers(3))));
      equal(await t.next(iterator), 0, 'what the busy one took');
      await t.settle();
      const batches = (await t.consumer(queue)).deliveryBatches({ max: 8, within: Infinity });
      await t.given(t.op('drain', () => batches.drain()));
      const open = await takes(t, batches, 2);
      equal(values(open).sort(), [1, 2], 'items');
      await t.ends(batches);
      await ackAll(t, open);
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
  {
    rule: 'Q17',
    name: 'a loop that is left, or whose consumer closes, while drain looks for items loses none',
    run: async (t) => {
      const queue = t.queue({ capacity: 4 });
      const producer = await t.producer(queue);
      for (const way of ['return', 'close'] as const) {
        const consumer = await t.consumer(queue);
        const batches = consumer.deliveryBatches({ max: 2, within: Infinity });
        await t.given(t.op('drain', () => batches.drain()));
        await t.put(producer, way);
        await t.settle();
        const next = t.op('next', () => batches.next());
        const left = t.op(way, async () => {
          await (way === 'return' ? batches.return!() : consumer.close());
        });
        await t.settle();
        ok(!next.pending, 'next is pending');
        await t.given(left);
        // At home it was given its batch before it was left.
        if (way === 'return' && next.state === 'done' && next.value?.done === false)
          await ackAll(t, next.value.value);
        else equal(await t.remaining(queue), [way], 'what is left');
        await t.given(t.op('close', () => consumer.close()));
        await t.hasStats(queue, { size: 0, inHand: 0 });
      }
    },
  },
  {
    rule: 'Q18',
    name: 'a loop over deliveries whose signal has fired before it asks again gives back its latest',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1, 2);
      const cancel = t.signal();
      const deliveries = consumer.deliveries({ signal: cancel.signal });
      const first = await t.next(deliveries);
      equal((await t.next(deliveries)).value, 2, 'the latest');
      cancel.abort();
      await t.refused(t.op('next', () => deliveries.next()), 'ABORTED'); // prettier-ignore
      await t.hasStats(queue, { inHand: 1, size: 1 });
      await t.given(t.op('ack', () => first.ack()));
      equal(await t.remaining(queue), [2], 'what was given back');
    },
  },
  {
    rule: 'Q18',
    name: 'a loop over items whose signal has fired before it asks again has acknowledged its item, and holds none',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, 1, 2);
      const cancel = t.signal();
      const items = consumer.items({ signal: cancel.signal });
      equal(await t.next(items), 1, 'the first');
      cancel.abort();
      await t.refused(t.op('next', () => items.next()), 'ABORTED'); // prettier-ignore
      await t.hasStats(queue, { inHand: 0, acked: 1, size: 1 });
      equal(await t.remaining(queue), [2], 'what is left');
    },
  },
  ...[1, 8].map((capacity): CaseSpec => ({
    rule: 'Q18',
    name: `on-take: a batch that is aborted half-way gives back what it had gathered, unbegun, at capacity ${capacity}`,
    when: (target) => onTake(target) && timed(target),
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity, acknowledge: 'on-take' });
      const cancel = t.signal();
      const take = t.op('takeMany', () =>
        consumer.takeMany(3, { within: 1000, signal: cancel.signal }),
      );
      await t.put(producer, 1);
      await t.settle();
      await t.put(producer, 2);
      await t.waits(take);
      await t.hasStats(queue, { inHand: 2, acked: 0 });
      cancel.abort();
      await t.refused(take, 'ABORTED');
      await t.hasStats(queue, { size: 2, inHand: 0, acked: 0, taken: 0 });
      const other = await t.consumer(queue);
      const rest = t.op('takeMany', () => other.takeMany(2, { within: 1000 }));
      await t.gives(rest, [1, 2]);
      await t.hasStats(queue, { size: 0, inHand: 0, acked: 2, taken: 2, redelivered: 0 });
    },
  })),
  {
    rule: 'Q18',
    name: 'on-take: a loop that is left as its item comes gives it back unseen, or has seen it',
    when: onTake,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, acknowledge: 'on-take' });
      const items = consumer.items();
      const next = t.op('next', () => items.next());
      await t.waits(next);
      t.op('put', () => producer.put('x'));
      t.op('return', () => items.return!());
      await t.settle();
      const step = await t.given(next);
      equal(
        [step.done, (await t.stats(queue)).size],
        step.done === true ? [true, 1] : [false, 0],
        'whether the loop has ended, and what waits',
      );
    },
  },
  {
    rule: 'Q5',
    name: 'on-take: an iteration that holds what is settled does not end while another may still give its item back',
    when: onTake,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, acknowledge: 'on-take' });
      await t.put(producer, 1);
      const deliveries = consumer.deliveries();
      equal((await t.next(deliveries)).value, 1, 'what it holds');
      const items = (await t.consumer(queue)).items();
      const other = t.op('the next of another', () => items.next());
      await t.waits(other);
      queue.close();
      const put = t.op('put', () => producer.put(2));
      t.op('close', () => producer.close());
      const next = t.op('next', () => deliveries.next());
      t.op('the other is left', () => items.return!());
      await t.settle();
      const [came, mine] = [await t.given(other), await t.given(next)];
      // A put that takes its time is given up by the closing, and then there is no such item.
      if (came.done === true && put.state === 'done')
        equal(mine.done === true ? 'the end' : mine.value.value, 2, 'what was given back');
      else if (came.done !== true) equal([came.value, mine.done], [2, true], 'what the other got');
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
];
