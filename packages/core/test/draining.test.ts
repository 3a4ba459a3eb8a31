import { IterableQueue, type ProducerEndpoint } from '@millrace/core';
import { type FarConsumer, sharedMemoryTarget, simulatedLinksTarget } from '@millrace/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTurn } from './next-turn.js';
import { replay } from './seeded.js';

/** Works on batches until it drains and finds nothing more. Answers what it has worked on. */
async function work(
  consumer: FarConsumer,
  max: number,
  pause: () => Promise<void>,
  drained: Promise<void>,
): Promise<unknown[]> {
  const batches = consumer.deliveryBatches({ max });
  void drained.then(() => batches.drain());
  const worked: unknown[] = [];
  for (;;) {
    const { done, value } = await batches.next();
    if (done === true) break;
    await pause();
    for (const delivery of value) {
      worked.push(delivery.value);
      await delivery.ack();
    }
  }
  await consumer.close();
  return worked;
}

async function putAll(producer: ProducerEndpoint<unknown>, values: unknown[]): Promise<void> {
  await producer.putMany(values);
  await producer.flush();
}

const TARGETS = [
  { ...simulatedLinksTarget(), runs: 2000 },
  { ...sharedMemoryTarget(), runs: 300 },
];

test.each(TARGETS)(
  '$name: what waits while several drain is worked on by them, whatever arrives first',
  async ({ create, runs }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.record({
          items: fc.integer({ min: 1, max: 60 }),
          consumers: fc.integer({ min: 1, max: 4 }),
          max: fc.integer({ min: 1, max: 4 }),
          /** When the drain begins, in steps; at the earliest once all has arrived. */
          after: fc.nat(60),
          turns: fc.boolean(),
        }),
        async (scheduler, { items, consumers, max, after, turns }) => {
          const lanes = new Map<object, (() => void)[]>();
          const fixture = await create({
            schedule: (lane, deliver) => {
              const waiting = lanes.get(lane) ?? [];
              lanes.set(lane, waiting);
              waiting.push(deliver);
              void scheduler
                .schedule(Promise.resolve(), 'a message')
                .then(() => waiting.shift()!());
            },
          });
          const queue = new IterableQueue<unknown>({ capacity: 100, transport: fixture.transport });
          const all = await Promise.all(
            Array.from({ length: consumers }, () => fixture.consumer(queue)),
          );
          let drain!: () => void;
          const drained = new Promise<void>((resolve) => {
            drain = resolve;
          });
          const pause = (): Promise<void> => scheduler.schedule(Promise.resolve(), 'work');
          const working = all.map((consumer) => work(consumer, max, pause, drained));
          const put = Array.from({ length: items }, (_, n) => n);
          const arrived = { all: false };
          void putAll(queue.producer(), put).then(() => (arrived.all = true));
          for (let step = 0, rests = 0, drains = false; rests < 2 || !drains; step++) {
            if (step >= after && arrived.all && !drains) {
              drains = true;
              drain();
              rests = 0;
            }
            if (step > 20_000) throw new Error('It never comes to rest.');
            if (scheduler.count() > 0) {
              await scheduler.waitNext(1);
              rests = 0;
            } else {
              await fixture.settle();
              if (scheduler.count() === 0) rests++;
            }
            await nextTurn();
            if (turns) fixture.clock!.runDeferred();
          }
          const worked = (await Promise.all(working)).flat() as number[];
          expect(worked.sort((a, b) => a - b)).toEqual(put);
          await fixture.dispose();
        },
      ),
      { numRuns: Number(process.env['MILLRACE_RUNS'] ?? runs), ...replay() },
    );
  },
);
