import { IterableQueue } from '@millrace/core';
import { sharedMemoryTarget } from '@millrace/core/testing';
import { expect, onTestFinished, test } from 'vitest';

/** A queue whose far ends' messages to the host can be held up, while bells ring. */
async function holdable() {
  let holds = false;
  const held: (() => void)[] = [];
  const fixture = await sharedMemoryTarget().create({
    schedule: (lane, deliver) => {
      // A bell's lane is who listens.
      if (holds && !('look' in lane)) held.push(deliver);
      else setImmediate(deliver);
    },
  });
  onTestFinished(() => fixture.dispose());
  return {
    fixture,
    rested: async () => {
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        fixture.clock?.runDeferred();
      }
    },
    hold: () => {
      holds = true;
    },
    /** Answers how many were held up. */
    release: () => {
      holds = false;
      const late = held.splice(0);
      for (const deliver of late) deliver();
      return late.length;
    },
  };
}

test('a moved value that is given back is whole for whoever takes it, though the queue knows of it before the host has it', async () => {
  const { fixture, rested, hold, release } = await holdable();
  const queue = new IterableQueue<unknown>({ transport: fixture.transport });
  const opened = fixture.consumer(queue);
  await rested();
  const far = await opened;
  const deliveries = far.deliveries();
  const producer = queue.producer();
  // Who has settled many fetches ahead.
  for (let n = 0; n < 200; n++) await producer.put(new Uint8Array([n]));
  for (let n = 100; n < 104; n++) {
    const bytes = new Uint8Array(8).fill(n);
    await producer.put(bytes, { transfer: [bytes.buffer] });
  }
  const settled = (async () => {
    for (let n = 0; n < 200; n++) void (await deliveries.next()).value?.ack();
    return deliveries.next();
  })();
  await rested();
  expect((await settled).value?.value).toEqual(new Uint8Array(8).fill(100));
  // The others were fetched ahead: one is asked back for who waits here.
  hold();
  const here = queue.consumer().deliveries();
  const next = here.next();
  await rested();
  expect(release()).toBeGreaterThan(0);
  await rested();
  const { value: delivery } = await next;
  expect(delivery?.value).toEqual(new Uint8Array(8).fill(101));
  expect(delivery?.moved).toBe(true);
});
