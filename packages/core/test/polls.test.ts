import { IterableQueue } from '@millrace/core';
import { type FarConsumer, simulatedLinksTarget } from '@millrace/core/testing';
import { expect, test } from 'vitest';
import { nextTurn } from './next-turn.js';
import { Rounds } from './rounds.js';

/** A consumer uses so much that it fetches ahead, and waits for the item that is to be put next: number 20. */
async function fetchAhead(
  from: { put(item: unknown): unknown },
  far: FarConsumer,
  settle: () => Promise<void>,
): Promise<void> {
  const iterator = far.items();
  for (let n = 0; n < 20; n++) void from.put(n);
  for (let n = 0; n < 21; n++) void iterator.next();
  await settle();
}

test('a tryGet finds what waits while its consumer is asked to give back what it no longer has', async () => {
  const rounds = new Rounds();
  const { transport, consumer, clock, dispose } = await simulatedLinksTarget().create(rounds);
  const queue = new IterableQueue<unknown>({ capacity: 100, transport });
  const [from, here, far] = [queue.producer(), queue.consumer(), await consumer(queue)];
  const settle = async (): Promise<void> => {
    do await rounds.run();
    while (clock!.runDeferred() > 0);
  };

  await fetchAhead(from, far, settle);
  // The one that it waits for, and one that it has ahead of need.
  for (const n of [20, 21]) {
    void from.put(n);
    await settle();
  }
  // Somebody asks for that, and leaves; meanwhile it is taken, and another one comes.
  const leaves = new AbortController();
  const left = here.get({ signal: leaves.signal });
  leaves.abort();
  await expect(left).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await far.tryGet()).toEqual({ value: 21 });
  void from.put(22);
  const asked = Promise.resolve(far.tryGet());
  await settle();
  expect(await asked).toEqual({ value: 22 });
  await dispose();
});

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

  await fetchAhead(from, one, settle);
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

test('what is asked back for a tryGet is not sent to a consumer that has died meanwhile', async () => {
  const rounds = new Rounds();
  const { transport, consumer, clock, crash, dispose } =
    await simulatedLinksTarget().create(rounds);
  const queue = new IterableQueue<unknown>({ capacity: 100, transport });
  const [from, one, other] = [queue.producer(), await consumer(queue), await consumer(queue)];
  const settle = async (): Promise<void> => {
    do await rounds.run();
    while (clock!.runDeferred() > 0);
  };

  await fetchAhead(from, one, settle);
  for (const n of [20, 21]) {
    void from.put(n);
    await settle();
  }
  const asked = Promise.resolve(other.tryGet());
  asked.catch(() => undefined);
  await nextTurn();
  // The question arrives, and what the one has is asked for; before that is back, the other dies.
  for (const deliver of rounds.takeAll()) deliver();
  await crash?.(other);
  await settle();
  expect(await queue.consumer().tryGet()).toEqual({ value: 21 });
  await dispose();
});
