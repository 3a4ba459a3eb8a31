import { codeOf, equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, crashes, timed } from '../case.js';
import type { FarDelivery } from '../far.js';
import { buried } from './dead-letters.js';

/** Q13 Poison: items whose consumers die. */
export const killing: CaseSpec[] = [
  ...[2, 64].map((count): CaseSpec => ({
    rule: 'Q13',
    name: `an item that kills each consumer is dead after as many as it may have, and none of the other ${count}`,
    when: crashes,
    run: async (t) => {
      const queue = t.queue({ capacity: 256, maxDeliveries: 2 });
      const producer = await t.producer(queue);
      await t.put(producer, ...numbers(count));
      await t.put(producer, 'kills');
      await t.put(producer, ...numbers(count, count));
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const done: unknown[] = [];
      for (let deaths = 0; ;) {
        const consumer = await t.consumer(queue);
        const deliveries = consumer.deliveries();
        let died = false;
        for (;;) {
          const step = await t.given(t.op('next', () => deliveries.next()));
          if (step.done === true) break;
          if (step.value.value === 'kills') {
            died = true;
            await t.fixture.crash!(consumer);
            await t.settle();
            break;
          }
          done.push(step.value.value);
          await t.given(t.op('ack', () => step.value.ack()));
        }
        if (!died) break;
        deaths++;
        ok(deaths <= 3, 'it kills more consumers than it may');
      }
      const letters = await queue.deadLetters.read();
      equal(
        letters.map(({ value, attempts, error }) => [value, attempts, codeOf(error)]),
        [['kills', 2, 'ENDPOINT_LOST']],
        'letters',
      );
      equal(
        [...new Set(done as number[])].sort((a, b) => a - b),
        numbers(count * 2),
        'the others, each done at least once',
      );
      await t.given(t.op('ended', () => queue.ended()));
    },
  })),
  {
    rule: 'Q13',
    name: 'what lay with a dead consumer and was not begun there has had no delivery',
    when: crashes,
    run: async (t) => {
      const queue = t.queue({ capacity: 64, maxDeliveries: 1 });
      const producer = await t.producer(queue);
      const consumer = await t.consumer(queue);
      await t.put(producer, ...numbers(8));
      await t.settle();
      const deliveries = consumer.deliveries();
      const held: FarDelivery[] = [await t.next(deliveries), await t.next(deliveries)];
      equal(held.map(({ value }) => value), [0, 1], 'what was in hand'); // prettier-ignore
      await t.settle();
      await t.fixture.crash!(consumer);
      await t.settle();
      equal((await buried(t, queue)).map(([value]) => value), [0, 1], 'letters'); // prettier-ignore
      equal(await t.remaining(queue), numbers(6, 2), 'what waits');
    },
  },
  {
    rule: 'Q13',
    name: 'what a batch had gathered and not handed out when its consumer died has had no delivery',
    when: (target) => crashes(target) && timed(target),
    run: async (t) => {
      const queue = t.queue({ capacity: 64, maxDeliveries: 1 });
      const producer = await t.producer(queue);
      const consumer = await t.consumer(queue);
      const batches = consumer.deliveryBatches({ max: 3, within: Infinity });
      const first = t.op('next', () => batches.next());
      await t.put(producer, 1, 2);
      await t.waits(first);
      await t.put(producer, 3);
      await t.given(first);
      const second = t.op('next', () => batches.next());
      await t.put(producer, 4, 5);
      await t.waits(second);
      await t.hasStats(queue, { inHand: 5 });
      await t.fixture.crash!(consumer);
      await t.settle();
      equal((await buried(t, queue)).map(([value]) => value), [1, 2, 3], 'letters'); // prettier-ignore
      equal(await t.remaining(queue), [4, 5], 'what waits');
    },
  },
];
