import { IterableQueue } from '@millrace/core';
import { simulatedLinksTarget } from '@millrace/core/testing';
import { expect, test } from 'vitest';
import { nextTurn } from './next-turn.js';

/** Messages, all of which that are under way arrive at once, time and again. */
class Rounds {
  private waiting: (() => void)[] = [];

  readonly schedule = (_lane: object, deliver: () => void): void => {
    this.waiting.push(deliver);
  };

  /** Lets all messages arrive until there are none any more. */
  async run(): Promise<void> {
    await nextTurn();
    for (let rounds = 0; this.waiting.length > 0; rounds++) {
      if (rounds === 1000) throw new Error('It never comes to rest.');
      for (const deliver of this.waiting.splice(0)) deliver();
      await nextTurn();
    }
  }
}

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
