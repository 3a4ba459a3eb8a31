import { IterableQueue } from '@millrace/core';
import { simulatedLinksTarget } from '@millrace/core/testing';
import { expect, test } from 'vitest';
import { Rounds } from './rounds.js';

test('two tryGets that meet do not send one item to and fro', async () => {
  const rounds = new Rounds();
  const { transport, producer, consumer, clock, dispose } =
    await simulatedLinksTarget().create(rounds);
  const queue = new IterableQueue<unknown>({ capacity: 100, transport });
  const from = await producer(queue);
  const [one, other] = [await consumer(queue), await consumer(queue)];
  const settle = async (): Promise<void> => {
    do await rounds.run();
    while (clock!.runDeferred() > 0);
  };

  // It uses so much that it fetches ahead.
  const iterator = one.items();
  for (let n = 0; n < 20; n++) void from.put(n);
  for (let n = 0; n < 21; n++) void iterator.next();
  await settle();
  void from.put(20);
  await settle();
  // What comes next is fetched ahead by the one, and both ask while it is under way.
  void from.put(21);
  const asked = Promise.all([Promise.resolve(other.tryGet()), Promise.resolve(one.tryGet())]);
  await settle();
  const found = (await asked).filter((item) => item !== undefined);
  expect(found).toEqual([{ value: 21 }]);
  await dispose();
});
