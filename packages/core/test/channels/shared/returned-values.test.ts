import { IterableQueue } from '@millrace/core';
import { expect, test } from 'vitest';

import { holdable, moved } from './holdable.js';

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
  for (let n = 100; n < 104; n++) await producer.put(...moved(n));
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
