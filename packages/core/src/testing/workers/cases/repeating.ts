import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { maker, sum } from '../../worker-modules.js';
import type { WorkerBench } from '../bench.js';
import type { WorkerCaseSpec } from '../case.js';

/** By how much what is measured may have grown. */
const TOLERANCE = 0.05;

/** Does something once to warm up and then so often, and compares what there is before and after. */
async function leavesNothing(t: WorkerBench, act: () => Promise<void>): Promise<void> {
  const times = t.target.starts ?? 1000;
  for (let i = 0; i < Math.max(10, times / 5); i++) await act();
  const before = (await t.fixture.measure?.()) ?? {};
  for (let i = 0; i < times; i++) await act();
  const after = (await t.fixture.measure?.()) ?? {};
  for (const [what, count] of Object.entries(before)) {
    const now = after[what] ?? 0;
    ok(now <= count * (1 + TOLERANCE), `${what}: ${String(count)} before, ${String(now)} after ${String(times)} times`);
  }
  const { workers, queues } = t.transport.health();
  ok(workers === 0 && queues.length <= 2, `${String(workers)} workers and ${String(queues.length)} queues are left`);
}

/** W9 Starts and stops leave nothing behind, however many there are. */
export const repeating: WorkerCaseSpec[] = [
  {
    rule: 'W9',
    name: 'a producer and a consumer that are started and stopped again and again leave nothing behind',
    run: async (t) => {
      const producer = t.keep(new Producer(maker, { transport: t.transport, outbox: 4 }));
      const consumer = t.keep(new Consumer(sum, { transport: t.transport }));
      producer.subscribe(consumer.queue);
      await leavesNothing(t, async () => {
        await t.does('start the consumer', () => consumer.start());
        await t.does('start the producer', () => producer.start());
        equal(await t.takes(producer, 2), [0, 1], 'items');
        await t.does('stop the producer', () => producer.stop());
        await t.does('stop the consumer', () => consumer.stop());
      });
    },
  },
  {
    rule: 'W9',
    name: 'workers that are added and taken away again and again leave nothing behind',
    run: async (t) => {
      const producer = t.keep(new Producer(maker, { transport: t.transport, outbox: 1 }));
      await t.does('start', () => producer.start());
      await t.does('scale up', () => producer.scale(2));
      await t.does('scale down', () => producer.scale(1));
      const queues = t.transport.health().queues.length;
      for (let i = 0; i < Math.min(100, t.target.starts ?? 100); i++) {
        await t.does('scale up', () => producer.scale(2));
        await t.does('scale down', () => producer.scale(1));
      }
      equal(producer.report().length, 1, 'workers reported');
      equal(t.transport.health().queues.length, queues, 'queues');
      equal((await producer.stats()).producers, 2, 'producers of the outbox: the slot, and the worker that is left');
      await t.does('stop', () => producer.stop());
    },
  },
];
