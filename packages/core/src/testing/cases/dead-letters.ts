import { asyncDispose } from '../../queues/travel.js';
import type { QueueEvents } from '../../transport/backend.js';
import { codeOf, equal, fails, ok } from '../assert.js';
import { type Bench, numbers, type Queue } from '../bench.js';
import { type CaseSpec, copies, dropsNewest } from '../case.js';
import type { FarConsumer } from '../far.js';

/** Values, attempts and reasons of all dead letters. */
export async function buried(t: Bench, queue: Queue): Promise<[unknown, number, string][]> {
  await t.settle();
  const letters = await queue.deadLetters.read();
  return letters.map(({ value, attempts, error }) => [
    value,
    attempts,
    error instanceof Error ? error.message : String(error),
  ]);
}

/** Takes one item and settles it. */
async function takes(
  t: Bench,
  consumer: FarConsumer,
  how: 'ack' | 'nack' | 'reject',
  error?: Error,
): Promise<unknown> {
  const deliveries = consumer.deliveries();
  const delivery = await t.next(deliveries);
  await t.given(t.op(how, () => delivery[how](error)));
  await t.given(t.op('return', () => deliveries.return!()));
  return delivery.value;
}

function heard<K extends keyof QueueEvents>(queue: Queue, type: K): QueueEvents[K][] {
  const events: QueueEvents[K][] = [];
  queue.on(type, (event) => events.push(event));
  return events;
}

/** Q13 Poison. */
export const deadLetters: CaseSpec[] = [
  ...[1, 2, 3].map((maxDeliveries): CaseSpec => ({
    rule: 'Q13',
    name: `an item given back ${maxDeliveries} times is dead, at capacity 1: the queue ends without it`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, maxDeliveries });
      const events = heard(queue, 'dead-letter');
      await t.put(producer, 'x');
      const deliveries = consumer.deliveries();
      const join = t.op('join', () => queue.join());
      for (const n of numbers(maxDeliveries)) {
        await t.waits(join);
        equal(await buried(t, queue), [], `dead letters before delivery ${n + 1}`);
        const delivery = await t.next(deliveries);
        equal(delivery.attempt, n + 1, 'attempt');
        await t.given(t.op('nack', () => delivery.nack(new Error(`reason ${n + 1}`))));
      }
      equal(await buried(t, queue), [['x', maxDeliveries, `reason ${maxDeliveries}`]], 'letters');
      await t.given(join);
      await t.hasStats(queue, {
        put: 1,
        size: 0,
        inHand: 0,
        acked: 0,
        dead: 1,
        taken: maxDeliveries,
      });
      const [letter] = await queue.deadLetters.read();
      equal(events.length, 1, 'events');
      equal(
        [events[0]!.queue, events[0]!.id, events[0]!.attempts, events[0]!.value],
        [queue.name, letter!.id, maxDeliveries, 'x'],
        'the event',
      );
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.ends(deliveries);
      await t.given(t.op('ended', () => queue.ended()));
      equal(await t.given(t.op('size', () => queue.deadLetters.size())), 1, 'size at the end');
    },
  })),
  {
    rule: 'Q13',
    name: 'reject makes a dead letter at once, and its reason arrives whole',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const reason = Object.assign(new RangeError('too big', { cause: 'because' }), {
        code: 'E_BIG',
      });
      await t.put(producer, 'x');
      equal(await takes(t, consumer, 'reject', reason), 'x', 'the item');
      await t.settle();
      const [letter] = await queue.deadLetters.read();
      const error = letter!.error as RangeError;
      equal(
        [letter!.value, letter!.attempts, error.name, error.message, codeOf(error), error.cause],
        ['x', 1, 'RangeError', 'too big', 'E_BIG', 'because'],
        'the letter',
      );
      await t.hasStats(queue, { dead: 1, acked: 0, inHand: 0, size: 0 });
    },
  },
  {
    rule: 'Q13',
    name: 'a delivery is rejected once; the contrary is refused',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const [a, b] = [await t.next(deliveries), await t.next(deliveries)];
      await t.given(t.op('reject', () => a.reject()));
      await t.given(t.op('reject again', () => a.reject()));
      await t.refused(t.op('ack', () => a.ack()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.given(t.op('ack', () => b.ack()));
      await t.refused(t.op('reject', () => b.reject()), 'DELIVERY_SETTLED'); // prettier-ignore
      await t.hasStats(queue, { dead: 1, acked: 1 });
    },
  },
  {
    rule: 'Q13',
    name: 'the reason stays what the last delivery that gave one said',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, maxDeliveries: 3 });
      await t.put(producer, 'x');
      await takes(t, consumer, 'nack', new Error('first'));
      await takes(t, consumer, 'nack', new Error('second'));
      await takes(t, consumer, 'nack');
      equal(await buried(t, queue), [['x', 3, 'second']], 'letters');
    },
  },
  {
    rule: 'Q13',
    name: 'a loop that is left, and a consumer that closes, count as a delivery without an ack',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, maxDeliveries: 1 });
      await t.put(producer, 1, 2);
      const items = consumer.items();
      equal(await t.next(items), 1, 'the item in hand');
      await t.given(t.op('return', () => items.return!()));
      equal(await buried(t, queue), [[1, 1, 'undefined']], 'letters');
      equal((await t.next(consumer.deliveries())).value, 2, 'the delivery');
      await t.given(t.op('close', () => consumer.close()));
      equal((await buried(t, queue)).map(([value]) => value), [1, 2], 'letters'); // prettier-ignore
      await t.hasStats(queue, { size: 0, inHand: 0, dead: 2 });
    },
  },
  {
    rule: 'Q13',
    name: 'only what reached user code counts as a delivery',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4, maxDeliveries: 1 });
      const cancel = t.signal();
      const next = t.op('next', () =>
        consumer.batches({ max: 3, within: 1000, signal: cancel.signal }).next(),
      );
      await t.put(producer, 1, 2);
      await t.settle();
      cancel.abort();
      await t.settle();
      if (next.state === 'failed') {
        equal(await buried(t, queue), [], 'letters');
        equal(await t.remaining(queue), [1, 2], 'what waits');
      }
    },
  },
  {
    rule: 'Q13',
    name: 'letters are read oldest first, as many as asked for, and stay',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.put(producer, ...numbers(4));
      for (const _ of numbers(4)) await takes(t, consumer, 'reject');
      await t.settle();
      const read = async (max?: number): Promise<unknown[]> =>
        (await queue.deadLetters.read({ max })).map(({ value }) => value);
      equal(await read(2), [0, 1], 'the oldest two');
      equal(await read(), numbers(4), 'all');
      equal(await read(9), numbers(4), 'all, again');
      for (const max of [0, -1, 1.5, NaN])
        await fails(() => queue.deadLetters.read({ max }), 'BAD_OPTION', `read of ${max}`);
      const letters = await queue.deadLetters.read();
      equal(new Set(letters.map(({ id }) => id)).size, 4, 'ids');
      ok(
        letters.every(({ at }) => typeof at === 'number'),
        'a letter does not say when',
      );
    },
  },
  {
    rule: 'Q13',
    name: 'what is put back comes as new, at the tail, beyond the capacity, and with its deliveries counted afresh',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, maxDeliveries: 2 });
      for (const n of numbers(3)) {
        await t.put(producer, n);
        await takes(t, consumer, 'reject');
      }
      await t.put(producer, 'new');
      const put = t.op('put', () => producer.put('waits'));
      await t.waits(put);
      const [first, second] = await queue.deadLetters.read();
      await t.gives(
        t.op('putBack', () => queue.deadLetters.putBack([second!.id, first!.id, 'nobody'])),
        2,
      );
      await t.hasStats(queue, { size: 3, put: 6, dead: 3 });
      await t.waits(put);
      const deliveries = consumer.deliveries();
      for (const value of ['new', 1, 0]) {
        const delivery = await t.next(deliveries);
        equal([delivery.value, delivery.attempt], [value, 1], 'delivery');
        await t.given(t.op('ack', () => delivery.ack()));
      }
      await t.gives(put, 'accepted');
      await t.gives(t.op('putBack', () => queue.deadLetters.putBack('all')), 1); // prettier-ignore
      equal((await t.next(deliveries)).value, 'waits', 'what waited');
      const again = await t.next(deliveries);
      await t.given(t.op('nack', () => again.nack()));
      equal(await buried(t, queue), [], 'letters after one delivery');
      await t.given(t.op('return', () => deliveries.return!()));
      await takes(t, consumer, 'nack');
      equal(await buried(t, queue), [[2, 2, 'undefined']], 'letters after two');
    },
  },
  {
    rule: 'Q13',
    name: 'a full lossy queue takes what is put back, and drops none for it',
    when: dropsNewest,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, overflow: 'drop-newest' });
      await t.put(producer, 'x');
      await takes(t, consumer, 'reject');
      await t.put(producer, 'y');
      await t.gives(t.op('putBack', () => queue.deadLetters.putBack('all')), 1); // prettier-ignore
      await t.hasStats(queue, { size: 2, dropped: 0 });
      equal(await t.remaining(queue), ['y', 'x'], 'items');
    },
  },
  {
    rule: 'Q13',
    name: 'nothing is put back into a queue that has ended or was disposed of, and nothing is lost by it',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 'x');
      await takes(t, consumer, 'reject');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.given(t.op('ended', () => queue.ended()));
      await fails(() => queue.deadLetters.putBack('all'), 'QUEUE_ENDED', 'putBack at the end');
      equal(await buried(t, queue), [['x', 1, 'undefined']], 'letters');

      const other = await t.pair({ capacity: 1 });
      await t.put(other.producer, 'y');
      await takes(t, other.consumer, 'reject');
      await t.settle();
      await other.queue[asyncDispose]();
      const code = 'QUEUE_CLOSED';
      await fails(() => other.queue.deadLetters.putBack('all'), code, 'putBack afterwards');
      // Where others can be reached, what a disposed queue held is freed there.
      if (t.target.manifest.isolation !== 'machine') equal(await buried(t, other.queue), [['y', 1, 'undefined']], 'letters');
    },
  },
  {
    rule: 'Q13',
    name: 'who hears of the last dead letter can put it back before the queue ends',
    // From another machine nobody can answer in the very moment.
    when: ({ manifest }) => manifest.isolation !== 'machine',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, maxDeliveries: 1 });
      let times = 0;
      queue.on('dead-letter', ({ id }) => {
        if (times++ === 0) void queue.deadLetters.putBack([id]);
      });
      await t.put(producer, 'x');
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const ended = t.op('ended', () => queue.ended());
      equal(await takes(t, consumer, 'nack'), 'x', 'the first time');
      await t.waits(ended);
      equal(await takes(t, consumer, 'nack'), 'x', 'the second time');
      await t.given(ended);
      equal(await buried(t, queue), [['x', 1, 'undefined']], 'letters');
    },
  },
  {
    rule: 'Q13',
    name: 'purge forgets letters',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      await t.put(producer, ...numbers(3));
      for (const _ of numbers(3)) await takes(t, consumer, 'reject');
      await t.settle();
      const [, second] = await queue.deadLetters.read();
      await t.gives(t.op('purge', () => queue.deadLetters.purge([second!.id, 'nobody'])), 1); // prettier-ignore
      equal((await buried(t, queue)).map(([value]) => value), [0, 2], 'letters'); // prettier-ignore
      await t.gives(t.op('purge', () => queue.deadLetters.purge('all')), 2); // prettier-ignore
      equal(await t.given(t.op('size', () => queue.deadLetters.size())), 0, 'size');
      await t.hasStats(queue, { dead: 3, deadDropped: 0 });
    },
  },
  ...[1, 2].map((deadLetterCapacity): CaseSpec => ({
    rule: 'Q13',
    name: `of more than ${deadLetterCapacity} letters the oldest is dropped, told and counted`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 8, deadLetterCapacity });
      const dropped = heard(queue, 'dead-letter-dropped');
      const dead = heard(queue, 'dead-letter');
      await t.put(producer, ...numbers(4));
      for (const _ of numbers(4)) await takes(t, consumer, 'reject');
      equal((await buried(t, queue)).map(([value]) => value), numbers(4).slice(4 - deadLetterCapacity), 'letters'); // prettier-ignore
      await t.hasStats(queue, { dead: 4, deadDropped: 4 - deadLetterCapacity });
      equal(
        dropped.map(({ id }) => id),
        dead.slice(0, 4 - deadLetterCapacity).map(({ id }) => id),
        'what was told',
      );
    },
  })),
  {
    rule: 'Q13',
    name: 'what was in hand at clear does not become a dead letter',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2, maxDeliveries: 1 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const [a, b] = [await t.next(deliveries), await t.next(deliveries)];
      await t.given(t.op('clear', () => queue.clear()));
      await t.given(t.op('nack', () => a.nack()));
      await t.given(t.op('reject', () => b.reject()));
      equal(await buried(t, queue), [], 'letters');
      await t.hasStats(queue, { cleared: 2, dead: 0, inHand: 0 });
    },
  },
  {
    rule: 'Q13',
    name: 'a letter that was read can be changed without changing what is kept',
    when: copies,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, { n: 1 });
      await takes(t, consumer, 'reject');
      await t.settle();
      const [letter] = await queue.deadLetters.read();
      (letter!.value as { n: number }).n = 2;
      equal((await queue.deadLetters.read())[0]!.value, { n: 1 }, 'what is kept');
    },
  },
  {
    rule: 'Q13',
    name: 'numbers of deliveries and letters that cannot be are refused',
    run: async (t) => {
      for (const bad of [0, -1, 1.5, NaN]) {
        await fails(() => t.queue({ maxDeliveries: bad }), 'BAD_OPTION', `maxDeliveries ${bad}`);
        await fails(
          () => t.queue({ deadLetterCapacity: bad }),
          'BAD_OPTION',
          `deadLetterCapacity ${bad}`,
        );
      }
    },
  },
  {
    rule: 'Q13',
    name: 'a queue ends with the rejection of its last item, and with it whoever waits for more',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const delivery = t.op('next', () => consumer.deliveries().next());
      await t.put(producer, 'x');
      const step = await t.given(delivery);
      const other = t.collect(await t.consumer(queue));
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.waits(other);
      if (step.done !== true) await t.given(t.op('reject', () => step.value.reject()));
      await t.gives(other, []);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
];
