import { defineWorker, IterableQueue, type Transport } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, range } from './support.js';
import mutates, { mutable, type Mutable, spoil } from './workers/mutates.js';
import oneBad, { type OneBadArgs } from './workers/one-bad.js';

const mutating = defineWorker(
  () => import('./workers/mutates.js'),
  new URL('./workers/mutates.ts', import.meta.url),
);
const counting = defineWorker(
  () => import('./workers/identities.js'),
  new URL('./workers/identities.ts', import.meta.url),
);
const spoiling = defineWorker(
  () => import('./workers/one-bad.js'),
  new URL('./workers/one-bad.ts', import.meta.url),
);

type Args = Parameters<typeof mutates>[0];
const places = [
  ['in the host', (_: Transport, args: Args) => mutates(args)],
  ['in a thread', (transport: Transport, args: Args) => transport.start(mutating, args).result()],
] as const;

describe.each(places)('a value that is changed after its put %s', (_, run) => {
  it.each([1, 64, 1024])('arrives as it was: capacity %i', async (capacity) => {
    const transport = openTransport();
    const queue = new IterableQueue<Mutable>({ transport, capacity });
    const out = queue.producer();
    const consumer = queue.consumer();
    queue.close();
    const consuming = itemsOf(consumer);
    await run(transport, { out, items: 100 });
    await out.close();
    expect(await consuming).toEqual(range(0, 200).map(mutable));
  });
});

describe('a value that is changed after its put', () => {
  it('arrives as it was in a thread, too', async () => {
    const transport = openTransport();
    const there = new IterableQueue<Mutable>({ transport });
    const back = new IterableQueue<unknown>({ transport });
    const echo = defineWorker(
      () => import('./workers/echo.js'),
      new URL('./workers/echo.ts', import.meta.url),
    );
    transport.start(echo, { source: there.consumer(), out: back.producer() });
    back.close();
    const producer = there.producer();
    there.close();
    await mutates({ out: producer, items: 50 });
    await producer.close();
    expect(await itemsOf(back.consumer())).toEqual(range(0, 100).map(mutable));
  });

  it('arrives as it was when its put waits for room', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<Mutable>({ transport, capacity: 1 });
    const producer = queue.producer();
    const values = range(0, 4).map(mutable);
    const puts = [values.slice(0, 1), values.slice(1, 2), values.slice(2)].map(
      async (some) => await producer.putMany(some),
    );
    values.forEach(spoil);
    queue.close();
    const consuming = itemsOf(queue.consumer());
    await Promise.all(puts);
    await producer.close();
    expect(await consuming).toEqual(range(0, 4).map(mutable));
  });
});

describe('two items', () => {
  const shared = { a: 1, list: [{ b: 2 }], bytes: new Uint8Array([1]) };
  // The item, shared, its list, the object in it, the bytes and their buffer.
  const OBJECTS = 6;

  it('share no identity in a thread, although they did when they were put', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<unknown>({ transport });
    const producer = queue.producer();
    const handle = transport.start(counting, { source: queue.consumer() });
    queue.close();
    const item = { shared };
    for (let i = 0; i < 10; i++) void producer.put({ shared });
    void producer.put(item);
    void producer.put(item);
    await producer.putMany([item, item, { shared }]);
    await producer.close();
    expect(await handle.result()).toBe(15 * OBJECTS);
  });

  it('share no identity in this thread', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<{ shared: typeof shared }>({ transport });
    const producer = queue.producer();
    await producer.putMany([{ shared }, { shared }]);
    const [one, two] = await queue.consumer().takeMany(2);
    expect(one).toEqual({ shared });
    expect(one?.shared).not.toBe(two?.shared);
    expect(one?.shared.list[0]).not.toBe(two?.shared.list[0]);
    expect(one?.shared.bytes.buffer).not.toBe(two?.shared.bytes.buffer);
    expect(one?.shared).not.toBe(shared);
  });
});

describe.each([
  ['in the host', (_: Transport, args: OneBadArgs) => oneBad(args)],
  [
    'in a thread',
    (transport: Transport, args: OneBadArgs) => transport.start(spoiling, args).result(),
  ],
])('one bad item among 64 that are put %s', (_, run) => {
  it.each([0, 31, 63])('fails alone, with its path: number %i', async (bad) => {
    const transport = openTransport();
    const queue = new IterableQueue<unknown>({ transport });
    const out = queue.producer();
    queue.close();
    const consuming = itemsOf(queue.consumer());
    const report = await run(transport, { out, items: 64, bad });
    await out.close();
    expect(report).toEqual({
      answers: range(0, 64).map((n) => (n === bad ? 'VALUE_NOT_CLONEABLE' : 'accepted')),
      path: '.a[0].f',
      code: 'VALUE_NOT_CLONEABLE',
      pathOfMany: `[${String(bad)}].a[0].f`,
    });
    // Of those that were put together, none.
    const good = range(0, 64).filter((n) => n !== bad);
    expect(await consuming).toEqual([...good.map((n) => ({ n, a: [{ f: n }] })), 'end']);
  });
});
