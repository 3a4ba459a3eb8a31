import { ReadyQueue } from '../../queues/ready-queue.js';
import { equal, fails, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, crashes, dropsNewest, gates, headed } from '../case.js';
import type { FarProducer } from '../far.js';

/** Headers that travel with items: W7 and the hooks for telemetry build on them. */
export const headers: CaseSpec[] = [
  ...[1, 64, 257].map((capacity): CaseSpec => ({
    rule: 'Q16',
    name: `headers travel each with its own item, and an item without has none, at capacity ${capacity}`,
    when: headed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity });
      const puts = numbers(capacity + 3).map((n) =>
        t.op(`put ${n}`, () =>
          producer.put(n, n % 3 === 0 ? undefined : { headers: { n: String(n), trace: 'x' } }),
        ),
      );
      queue.close();
      const deliveries = consumer.deliveries();
      for (const n of numbers(capacity + 3)) {
        const delivery = await t.next(deliveries);
        const expected = n % 3 === 0 ? undefined : { n: String(n), trace: 'x' };
        equal([delivery.value, delivery.headers], [n, expected], 'delivery');
        await t.given(t.op('ack', () => delivery.ack()));
      }
      for (const put of puts) await t.gives(put, 'accepted');
    },
  })),
  {
    rule: 'Q16',
    name: 'headers travel by every way to put, on every kind of queue',
    when: headed,
    run: async (t) => {
      const { target } = t;
      const ways: ((producer: FarProducer) => unknown)[] = [
        (producer) => producer.put('x', { headers: { by: 'put' } }),
        (producer) => producer.tryPut('x', { headers: { by: 'put' } }),
        (producer) => producer.put('x', { headers: { by: 'put' }, timeout: 1000 }),
      ];
      const kinds = [
        t.queue({ capacity: 1 }),
        t.queue({ capacity: 1, confirm: 'each' }),
        ...(dropsNewest(target) ? [t.queue({ capacity: 1, overflow: 'drop-newest' })] : []),
        ...(gates(target) ? [t.readyQueue({ capacity: 1 })] : []),
      ];
      for (const queue of kinds) {
        if (queue instanceof ReadyQueue) await queue.setReady();
        const producer = await t.producer(queue);
        const deliveries = (await t.consumer(queue)).deliveries();
        for (const way of ways) {
          await t.given(t.op('putting', async () => way(producer)));
          const delivery = await t.next(deliveries);
          equal(delivery.headers, { by: 'put' }, 'headers');
          await t.given(t.op('delivery.put', () => delivery.put('y', { headers: { by: 'loop' } })));
          await t.given(t.op('ack', () => delivery.ack()));
          const second = await t.next(deliveries);
          equal([second.value, second.headers], ['y', { by: 'loop' }], 'what the delivery put');
          await t.given(t.op('ack', () => second.ack()));
        }
      }
    },
  },
  {
    rule: 'Q16',
    name: 'headers stay with an item that is given back, dies, and is put back',
    when: headed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, maxDeliveries: 2 });
      const given = { trace: 'a', parent: '' };
      await t.given(t.op('put', () => producer.put('x', { headers: given })));
      const batches = consumer.deliveryBatches({ max: 4 });
      for (const n of numbers(2)) {
        const [delivery] = await t.next(batches);
        equal(delivery!.headers, given, `headers of delivery ${n + 1}`);
        await t.given(t.op('nack', () => delivery!.nack()));
      }
      await t.settle();
      const [letter] = await queue.deadLetters.read();
      equal(letter!.headers, given, 'headers of the dead letter');
      await t.gives(t.op('putBack', () => queue.deadLetters.putBack('all')), 1); // prettier-ignore
      const [again] = await t.next(batches);
      equal([again!.headers, again!.attempt], [given, 1], 'what was put back');
      await t.given(t.op('ack', () => again!.ack()));
    },
  },
  {
    rule: 'Q16',
    name: "headers stay with an item through its consumer's death",
    when: (target) => headed(target) && crashes(target),
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      await t.given(t.op('put', () => producer.put('x', { headers: { trace: 'a' } })));
      equal((await t.next(consumer.deliveries())).headers, { trace: 'a' }, 'headers');
      await t.fixture.crash!(consumer);
      await t.settle();
      const again = await t.next((await t.consumer(queue)).deliveries());
      equal([again.attempt > 1, again.headers], [true, { trace: 'a' }], 'what came back');
    },
  },
  {
    rule: 'Q16',
    name: 'headers are fixed during put, and none are as good as an empty record',
    when: headed,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 2 });
      const own: Record<string, string> = { trace: 'a' };
      await t.given(t.op('put', () => producer.put(1, { headers: own })));
      own['trace'] = 'b';
      await t.given(t.op('put', () => producer.put(2, { headers: {} })));
      const deliveries = consumer.deliveries();
      equal((await t.next(deliveries)).headers, { trace: 'a' }, 'headers');
      equal((await t.next(deliveries)).headers, undefined, 'empty headers');
    },
  },
  {
    rule: 'Q16',
    name: 'headers that are no record of strings are refused, by name',
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 1 });
      for (const bad of [{ n: 1 }, ['x'], 'x', { deep: { x: 'y' } }]) {
        const given = { headers: bad as unknown as Record<string, string> };
        const error = await fails(() => producer.put('x', given), 'BAD_OPTION', 'put');
        ok(error.message.includes('headers'), `the error does not name them: ${error.message}`);
        await fails(() => producer.tryPut('x', given), 'BAD_OPTION', 'tryPut');
      }
      await t.hasStats(queue, { put: 0 });
    },
  },
  {
    rule: 'Q16',
    name: 'headers are refused where the transport carries none, and the queue goes on',
    when: (target) => !headed(target),
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      const given = { headers: { trace: 'a' } };
      for (const wait of [{}, { timeout: 1000 }])
        await t.refused(t.op('put', () => producer.put('x', { ...given, ...wait })), 'CAPABILITY_MISSING'); // prettier-ignore
      await t.refused(t.op('tryPut', () => producer.tryPut('x', given)), 'CAPABILITY_MISSING'); // prettier-ignore
      await t.given(t.op('put without', () => producer.put('y', { headers: {} })));
      const held = await t.next(consumer.deliveries());
      equal([held.value, held.headers], ['y', undefined], 'what was put');
      await t.refused(t.op('delivery.put', () => held.put('x', given)), 'CAPABILITY_MISSING'); // prettier-ignore
      await t.refused(t.op('delivery.tryPut', () => held.tryPut('x', given)), 'CAPABILITY_MISSING'); // prettier-ignore
      await t.given(t.op('ack', () => held.ack()));
      await t.hasStats(queue, { put: 1, acked: 1, size: 0 });
    },
  },
];
