import { IterableQueue } from '@millrace/core';
import { simulatedLinksTarget } from '@millrace/core/testing';
import { expect, test } from 'vitest';
import { Rounds } from './rounds.js';

test('a batch that is acknowledged item by item is told of in few messages', async () => {
  const rounds = new Rounds();
  const { transport, producer, consumer, clock, dispose } =
    await simulatedLinksTarget().create(rounds);
  const queue = new IterableQueue<unknown>({ capacity: 100, transport });
  const from = await producer(queue);
  const to = await consumer(queue);
  const settle = async (): Promise<void> => {
    do await rounds.run();
    while (clock!.runDeferred() > 0);
  };

  // It uses so much that it fetches ahead, and so reports before its turn is over.
  const items = to.items();
  for (let n = 0; n < 20; n++) void from.put(n);
  for (let n = 0; n < 20; n++) void items.next();
  await settle();
  await items.return!();

  for (let n = 0; n < 64; n++) void from.put(n);
  const next = to.deliveryBatches({ max: 64, within: Infinity }).next();
  await settle();
  const { value: batch } = await next;
  const before = rounds.messages;
  for (const delivery of batch!) void delivery.ack();
  await settle();
  expect(rounds.messages - before).toBeLessThanOrEqual(2);
  // The loop's last item went back when it was left.
  expect((await queue.stats()).acked).toBe(19 + 64);
  await dispose();
});
