import { IterableQueue } from '@millrace/core';
import type { FarConsumer } from '@millrace/core/testing';
import { expect, test } from 'vitest';

import { holdable, moments, moved, orNothing } from './holdable.js';

test('moved values on their way to a consumer that is handed on are whole for whoever takes them', async () => {
  const { fixture, rested, hold, release } = await holdable();
  const queue = new IterableQueue<unknown>({ transport: fixture.transport });
  const opened = fixture.consumer(queue);
  await rested();
  const far = await opened;
  const producer = queue.producer();
  const abort = new AbortController();
  const get = far.get({ signal: abort.signal }).catch(() => 'aborted');
  await rested();
  hold();
  const puts = [producer.put(...moved(0)), producer.put('copied'), producer.put(...moved(2))];
  await rested();
  abort.abort();
  expect(await get).toBe('aborted');
  const moving = fixture.moveConsumer!(far as ReturnType<typeof queue.consumer>);
  release();
  await rested();
  await Promise.all(puts.map((put) => Promise.resolve(put)));
  const there = await moving;
  const taken = Promise.all([there.get(), there.get(), there.get()]);
  await rested();
  expect(await orNothing(taken)).toEqual([
    new Uint8Array(8).fill(0),
    'copied',
    new Uint8Array(8).fill(2),
  ]);
  expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, dropped: 0, put: 3, taken: 3 });
});

test.for(moments)(
  'a moved value on its way to a consumer that leaves its home is whole for whoever takes it (%i bells, %i steps)',
  async (moment) => {
    const { fixture, rested, at } = await holdable();
    const queue = new IterableQueue<unknown>({ transport: fixture.transport });
    const here = queue.consumer();
    const producer = queue.producer();
    const abort = new AbortController();
    const get = here.get({ signal: abort.signal }).catch(() => 'aborted');
    await rested();
    let moving: Promise<FarConsumer> | undefined;
    const put = producer.put(...moved(1));
    await at(moment, rested, () => {
      abort.abort();
      moving = fixture.moveConsumer!(here);
    });
    await rested();
    await put;
    const got = await get;
    const taken = got === 'aborted' ? (await moving!).get() : got;
    await rested();
    expect(await orNothing(taken)).toEqual(new Uint8Array(8).fill(1));
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, dropped: 0 });
  },
);

test.for(moments)(
  'a get whose value is on its way when the transport closes is over (%i bells, %i steps)',
  async (moment) => {
    const { fixture, rested, at } = await holdable();
    const queue = new IterableQueue<unknown>({ transport: fixture.transport });
    const consumer = queue.consumer();
    const get = consumer.get().catch((error: unknown) => (error as { code: string }).code);
    const producer = queue.producer();
    await rested();
    const put = producer.put(...moved(1));
    let closed: Promise<void> | undefined;
    await at(moment, rested, () => {
      closed = fixture.transport.close();
    });
    await rested();
    await put;
    await closed;
    expect([new Uint8Array(8).fill(1), 'TRANSPORT_CLOSED']).toContainEqual(await orNothing(get));
  },
);

test('a get that waits has an item whose put was over before the transport closes, whichever it hears of first', async () => {
  const { fixture, rested, holdBells, release } = await holdable();
  const queue = new IterableQueue<unknown>({ transport: fixture.transport });
  const consumer = queue.consumer();
  const got = consumer.get().catch((error: unknown) => (error as { code: string }).code);
  const producer = queue.producer();
  await rested();
  holdBells();
  await producer.put('item');
  const closed = fixture.transport.close();
  await rested();
  release();
  await closed;
  expect(await orNothing(got)).toBe('item');
});
