import type { SchemaResult, StandardSchema } from '../../contracts/standard-schema.js';
import { hasCode } from '../../errors/error.js';
import { ConsumerEndpoint } from '../../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../../queues/producer-endpoint.js';
import type { QueueOptions } from '../../transport/spec.js';
import { equal, fail, ok } from '../assert.js';
import { all, allDeliveries, type Bench, numbers, type Queue } from '../bench.js';
import { type CaseSpec, local, onTake } from '../case.js';
import type { FarConsumer } from '../far.js';
import type { TransportUnderTest } from '../target.js';

/** Schemas are functions: they reach no endpoint in another thread. */
const here = (target: TransportUnderTest): boolean => target.here ?? false;

type Judge = (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>;

function schema(validate: Judge): StandardSchema<unknown, unknown> {
  return { '~standard': { version: 1, vendor: 'millrace', validate } };
}

const isEven: (value: unknown) => SchemaResult<unknown> = (value) =>
  Number(value) % 2 === 0 ? { value } : { issues: [{ message: 'is odd' }] };

/** Even numbers; the second takes its time, and the third does for every other one. */
const EVEN: readonly (readonly [how: string, even: StandardSchema<unknown, unknown>])[] = [
  ['at once', schema(isEven)],
  ['later', schema(async (value) => isEven(value))],
  [
    'at once or later',
    schema((value) => (Number(value) % 3 === 0 ? isEven(value) : Promise.resolve(isEven(value)))),
  ],
];

/** Checks that are over when the case says so. */
class Gate {
  private readonly waiting: (() => void)[] = [];
  readonly schema = schema((value) => this.judge(value));

  judge(value: unknown): Promise<SchemaResult<unknown>> {
    return new Promise((resolve) => {
      this.waiting.push(() => {
        resolve(isEven(value));
      });
    });
  }

  /** Ends the checks that have begun, the latest first. */
  open(): void {
    for (const end of this.waiting.splice(0).reverse()) end();
  }
}

async function producerOf(
  t: Bench,
  queue: Queue,
  by: StandardSchema<unknown, unknown>,
): Promise<ProducerEndpoint<unknown>> {
  const end = await t.producer(queue);
  return end instanceof ProducerEndpoint
    ? end.checked(by)
    : fail('the target says that its endpoints are here');
}

async function consumerOf(
  t: Bench,
  queue: Queue,
  by: StandardSchema<unknown, unknown>,
): Promise<ConsumerEndpoint<unknown>> {
  const end = await t.consumer(queue);
  return end instanceof ConsumerEndpoint
    ? end.checked(by)
    : fail('the target says that its endpoints are here');
}

/** Puts these, and closes the queue behind them. */
async function filled(
  t: Bench,
  values: readonly unknown[],
  options?: QueueOptions,
): Promise<Queue> {
  const queue = t.queue(options);
  const producer = await t.producer(queue);
  await t.given(t.op('putMany', () => producer.putMany(values)));
  await t.given(t.op('close', () => producer.close()));
  queue.close();
  return queue;
}

/** Every way to take all of a queue that ends. */
const WAYS: Record<string, (consumer: FarConsumer) => Promise<unknown[]>> = {
  items: (consumer) => all(consumer.items()),
  take: (consumer) => all(consumer.take(1000)),
  batches: async (consumer) => (await all(consumer.batches({ max: 3 }))).flat(),
  deliveries: async (consumer) =>
    (await allDeliveries(consumer.deliveries())).map(([value]) => value),
  'deliveryBatches that drain': async (consumer) => {
    const batches = consumer.deliveryBatches({ max: 3 });
    await batches.drain();
    const got: unknown[] = [];
    for (const batch of await all(batches)) {
      for (const delivery of batch) {
        got.push(delivery.value);
        await delivery.ack();
      }
    }
    return got;
  },
  get: async (consumer) => {
    const got: unknown[] = [];
    try {
      for (;;) got.push(await consumer.get());
    } catch (error) {
      if (!hasCode(error, 'QUEUE_ENDED')) throw error;
      return got;
    }
  },
};

/** C Contracts: items that do not match a schema. */
export const checking: CaseSpec[] = [
  ...EVEN.flatMap(([how, even]): CaseSpec[] => [
    {
      rule: 'C1',
      name: `an item that does not match is not put, and neither is its batch: judged ${how}`,
      when: here,
      run: async (t) => {
        const queue = t.queue({ capacity: 3 });
        const producer = await producerOf(t, queue, even);
        const consumer = await t.consumer(queue);
        await t.put(producer, 0);
        const { details } = await t.refused(
          t.op('put', () => producer.put(1)),
          'VALUE_INVALID',
        );
        equal(details['issues'], [{ path: '', message: 'is odd' }], 'issues');
        await t.refused(
          t.op('put', () => producer.put(3, { timeout: 5 })),
          'VALUE_INVALID',
        );
        await t.refused(
          t.op('tryPut', () => producer.tryPut(5)),
          'VALUE_INVALID',
        );
        const batch = await t.refused(
          t.op('putMany', () => producer.putMany([2, 4, 7, 9])),
          'VALUE_INVALID',
        );
        equal(batch.details['index'], 2, 'details.index');
        await t.given(t.op('putMany', () => producer.putMany([2, 4])));
        await t.gives(
          t.op('tryPut', () => producer.tryPut(6)),
          false,
        );
        equal(await t.get(consumer, 3), [0, 2, 4], 'items');
        await t.hasStats(queue, { put: 3, size: 0 });
      },
    },
    {
      rule: 'C1',
      name: `at capacity 1, one that does not match fails while those before it wait for room: judged ${how}`,
      when: here,
      run: async (t) => {
        const queue = t.queue({ capacity: 1 });
        const producer = await producerOf(t, queue, even);
        const consumer = await t.consumer(queue);
        await t.put(producer, 0);
        const waiting = t.op('put 2', () => producer.put(2));
        const bad = t.op('put 3', () => producer.put(3));
        const room = t.op('whenRoom', () => producer.whenRoom());
        const last = t.op('put 4', () => producer.put(4));
        await t.refused(bad, 'VALUE_INVALID');
        await t.waits(waiting, last);
        equal(await t.get(consumer, 3), [0, 2, 4], 'items');
        await t.given(room);
        await t.gives(last, 'accepted');
      },
    },
    ...Object.entries(WAYS).map(([way, takeAll]): CaseSpec => ({
      rule: 'C2',
      name: `${way}: what does not match is a dead letter, and the others come in order: judged ${how}`,
      when: here,
      run: async (t) => {
        const queue = await filled(t, numbers(12));
        const consumer = await consumerOf(t, queue, even);
        const taking = t.op(way, () => takeAll(consumer));
        await t.gives(taking, [0, 2, 4, 6, 8, 10]);
        const letters = await queue.deadLetters.read();
        equal(
          letters.map(({ value }) => value),
          [1, 3, 5, 7, 9, 11],
          'dead letters',
        );
        for (const { error } of letters)
          ok(hasCode(error, 'VALUE_INVALID'), 'the reason is VALUE_INVALID');
        await t.hasStats(queue, { acked: 6, dead: 6, inHand: 0, size: 0 });
      },
    })),
    {
      rule: 'C2',
      name: `also where taking acknowledges: judged ${how}`,
      when: (target) => here(target) && onTake(target),
      run: async (t) => {
        const queue = await filled(t, numbers(6), { acknowledge: 'on-take' });
        const consumer = await consumerOf(t, queue, even);
        await t.gives(
          t.op('items', () => all(consumer.items())),
          [0, 2, 4],
        );
        await t.hasStats(queue, { acked: 3, dead: 3, inHand: 0 });
      },
    },
    {
      rule: 'C2',
      name: `a queue of which nothing matches ends: judged ${how}`,
      when: here,
      run: async (t) => {
        const queue = await filled(t, Array<number>(300).fill(1));
        const consumer = await consumerOf(t, queue, even);
        await t.gives(
          t.op('items', () => all(consumer.items())),
          [],
        );
        await t.given(t.op('ended', () => queue.ended()));
        await t.hasStats(queue, { dead: 300 });
      },
    },
  ]),
  {
    rule: 'C1',
    name: 'items are put in the order in which they were offered, however long their checks take',
    when: here,
    run: async (t) => {
      const gate = new Gate();
      const queue = t.queue();
      const producer = await producerOf(t, queue, gate.schema);
      const puts = [
        t.op('put', () => producer.put(0)),
        t.op('putMany', () => producer.putMany([2, 4])),
        t.op('put', () => producer.put(6)),
        t.op('put', () => producer.put(8, { timeout: 1000 })),
      ];
      await t.waits(...puts);
      gate.open();
      for (const put of puts) await t.given<unknown>(put);
      equal(await t.remaining(queue), [0, 2, 4, 6, 8], 'items');
    },
  },
  {
    rule: 'C1',
    name: 'a put that is given up, or whose endpoint closes, while it is checked is not put',
    when: here,
    run: async (t) => {
      const gate = new Gate();
      const queue = t.queue();
      const producer = await producerOf(t, queue, gate.schema);
      const cancel = t.signal();
      const given = t.op('put', () => producer.put(0, { signal: cancel.signal }));
      const next = t.op('next put', () => producer.put(2));
      await t.waits(given, next);
      cancel.abort();
      await t.refused(given, 'ABORTED');
      gate.open();
      await t.gives(next, 'accepted');
      const closing = [
        t.op('put', () => producer.put(4)),
        t.op('tryPut', () => producer.tryPut(6)),
      ];
      await t.waits(...closing);
      await t.given(t.op('close', () => producer.close()));
      for (const put of closing) await t.refused(put, 'ENDPOINT_CLOSED');
      gate.open();
      equal(await t.remaining(queue), [2], 'items');
    },
  },
  {
    rule: 'C1',
    name: 'what is judged at once does not overtake what is being checked, and goes on when that is given up',
    when: here,
    run: async (t) => {
      const gate = new Gate();
      const slowlyZero = schema((value) => (value === 0 ? gate.judge(value) : isEven(value)));
      const queue = t.queue();
      const producer = await producerOf(t, queue, slowlyZero);
      const cancel = t.signal();
      const given = t.op('put 0', () => producer.put(0, { signal: cancel.signal }));
      const next = t.op('put 2', () => producer.put(2));
      const third = t.op('tryPut 4', () => producer.tryPut(4));
      await t.waits(given, next, third);
      await t.hasStats(queue, { put: 0 });
      cancel.abort();
      await t.refused(given, 'ABORTED');
      await t.gives(next, 'accepted');
      await t.given(third);
      gate.open();
      await t.settle();
      equal((await t.remaining(queue))[0], 2, 'the first item');
    },
  },
  {
    rule: 'C2',
    name: 'a batch is checked side by side, and no more is taken than it can use',
    // From far away the first item comes alone.
    when: (target) => here(target) && local(target),
    run: async (t) => {
      const gate = new Gate();
      const queue = await filled(t, numbers(5));
      const consumer = await consumerOf(t, queue, gate.schema);
      const batch = t.op('takeMany', () => consumer.takeMany(3));
      await t.waits(batch);
      await t.hasStats(queue, { inHand: 3, size: 2 });
      gate.open();
      await t.gives(batch, [0, 2]);
      await t.hasStats(queue, { acked: 2, dead: 1, inHand: 0, size: 2 });
    },
  },
  ...(['given up', 'closed'] as const).map((how): CaseSpec => ({
    rule: 'C2',
    name: `what was being checked goes back unseen when whoever waited is ${how}`,
    when: here,
    run: async (t) => {
      const gate = new Gate();
      const queue = await filled(t, numbers(4));
      const consumer = await consumerOf(t, queue, gate.schema);
      const cancel = t.signal();
      const next = t.op('next', () => consumer.batches({ max: 3, signal: cancel.signal }).next());
      await t.waits(next);
      if (how === 'closed') await t.given(t.op('close', () => consumer.close()));
      else cancel.abort();
      await t.refused(next, how === 'closed' ? 'ENDPOINT_CLOSED' : 'ABORTED');
      gate.open();
      await t.hasStats(queue, { inHand: 0, size: 4, dead: 0 });
      equal(await t.remaining(queue), [0, 1, 2, 3], 'items');
    },
  })),
  {
    rule: 'C2',
    name: 'what was being checked for a lone get goes back unseen when the endpoint closes',
    when: here,
    run: async (t) => {
      const gate = new Gate();
      const queue = await filled(t, [0, 2]);
      const consumer = await consumerOf(t, queue, gate.schema);
      const gets = [t.op('get', () => consumer.get()), t.op('tryGet', () => consumer.tryGet())];
      await t.waits(...gets);
      await t.given(t.op('close', () => consumer.close()));
      gate.open();
      for (const get of gets) await t.refused(get, 'ENDPOINT_CLOSED');
      await t.hasStats(queue, { inHand: 0, size: 2, dead: 0 });
    },
  },
  {
    rule: 'C2',
    name: 'an item that was made another of is settled as the one that was put',
    when: here,
    run: async (t) => {
      const queue = await filled(t, [1, 2, 3]);
      const consumer = await consumerOf(
        t,
        queue,
        schema((value) => ({ value: `n${String(value)}` })),
      );
      const deliveries = consumer.deliveries();
      const [first, second, third] = [
        await t.next(deliveries),
        await t.next(deliveries),
        await t.next(deliveries),
      ];
      equal([first.value, second.value, third.value], ['n1', 'n2', 'n3'], 'values');
      first.nack();
      second.reject(new Error('no'));
      third.ack();
      const again = await t.next(deliveries);
      equal([again.value, again.attempt], ['n1', 2], 'what came back');
      again.ack();
      await t.ends(deliveries);
      equal(
        (await queue.deadLetters.read()).map(({ value }) => value),
        [2],
        'dead letters',
      );
      await t.hasStats(queue, { acked: 2, dead: 1, inHand: 0, size: 0 });
    },
  },
];
