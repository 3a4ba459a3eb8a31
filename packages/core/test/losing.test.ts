import { IterableQueue, type QueueEvents } from '@millrace/core';
import { loseTogether } from '@millrace/core/channels';
import { simulatedLinksTarget } from '@millrace/core/testing';
import { expect, test } from 'vitest';
import { Rounds } from './rounds.js';

test.each([
  ['together count once', loseTogether, 2, [1, 0, 0, 0, 0]],
  // What the others are given then is what loseTogether is for.
  [
    'one after the other count as often as they may have been delivered',
    (lose: () => void) => {
      lose();
    },
    6,
    [1, 1, 1, 1, 1],
  ],
] as const)('links that are lost %s', async (_, how, attempt, inHand) => {
  const rounds = new Rounds();
  const { transport, producer, consumer, crash, clock, dispose } =
    await simulatedLinksTarget().create(rounds);
  const queue = new IterableQueue<unknown>({ capacity: 4, transport });
  const settle = async (): Promise<void> => {
    do await rounds.run();
    while (clock!.runDeferred() > 0);
  };
  const dying = await Promise.all(Array.from({ length: 5 }, () => consumer(queue)));
  const [first, ...others] = dying;
  const from = await producer(queue);
  void from.put(7);
  const inHands = first!.deliveries().next();
  await settle();
  await inHands;
  const waits = others.map((other) => expect(other.get()).rejects.toThrow());
  await settle();
  const lost: QueueEvents['endpoint-lost'][] = [];
  queue.on('endpoint-lost', (event) => lost.push(event));

  const ends = dying.map((one) => crash!(one));
  const arrivals = rounds.takeAll();
  how(() => {
    for (const arrive of arrivals) arrive();
  });
  await Promise.all([...ends, ...waits]);
  expect(lost.map((event) => event.inHand)).toEqual(inHand);
  const last = await consumer(queue);
  const again = last.deliveries().next();
  await settle();
  expect((await again).value).toMatchObject({ value: 7, attempt });
  await dispose();
});
