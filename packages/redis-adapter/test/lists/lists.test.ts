import { defineWorker, hasCode, IterableQueue, ReadyQueue } from '@millrace/core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { redisLists, tableDish } from '../../dist/index.js';
import { besideList, msgpack } from '../../dist/testing.js';
import { opened } from '../support/open.ts';
import { type SharedServer, sharedCluster, sharedServer, startServer } from '../support/servers.ts';
import { freshKey, keysBeside, lists, open } from './support.ts';

let server: SharedServer;
beforeAll(async () => {
  server = await sharedServer();
});

async function code(act: () => unknown): Promise<unknown> {
  try {
    await act();
    return 'none';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('an entry that is not what the codec writes', () => {
  it.each([
    ['no JSON', Buffer.from('{"soup":')],
    ['nothing', Buffer.from('')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ["Python's own notion of a number", Buffer.from('NaN')],
  ])('becomes a dead letter with its bytes, and the consumer goes on: %s', async (_what, entry) => {
    const key = freshKey();
    const raw = lists(server, { codec: bytes });
    await open(raw, key).producer().putMany([Buffer.from('1'), entry, Buffer.from('2')]);
    await raw.close();
    const queue = open<number>(lists(server), key);
    const consumer = queue.consumer();
    expect([await consumer.get(), await consumer.get()]).toEqual([1, 2]);
    await consumer.flush();
    const letters = await queue.deadLetters.read();
    expect(letters.map(({ value, attempts, error }) => [value, attempts, hasCode(error, 'VALUE_UNREADABLE')])).toEqual([[new Uint8Array(entry), 1, true]]);
    expect(await queue.deadLetters.putBack('all')).toBe(1);
    await queue.deadLetters.purge('all');
  });
});

/** Entries as they are. */
const bytes = { id: 40, name: 'bytes', encode: (value: unknown) => value as Uint8Array, decode: (entry: Uint8Array) => entry.slice() };

describe('who takes part in a list', () => {
  it('counts what others have pushed against the capacity, and waits', async () => {
    const key = freshKey();
    for (let i = 0; i < 5; i++) await server.call('LPUSH', key, String(i));
    const queue = open<number>(lists(server), key, { capacity: 3 });
    const producer = queue.producer();
    expect(await producer.tryPut(5)).toBe(false);
    const put = producer.put(5);
    const consumer = queue.consumer();
    const got: number[] = [];
    for await (const n of consumer.take(6)) got.push(n);
    expect(got).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await put).toBe('accepted');
    await consumer.flush();
    expect(await queue.stats()).toMatchObject({ put: 6, taken: 6, acked: 6, size: 0 });
  });

  it('gives back what was not begun, where it was, when the last consumer leaves', async () => {
    const key = freshKey();
    for (const n of [1, 2, 3, 4]) await server.call('LPUSH', key, String(n));
    const transport = lists(server);
    const queue = open<number>(transport, key);
    const consumer = queue.consumer();
    const deliveries = consumer.deliveries();
    const { value: one } = await deliveries.next();
    const { value: two } = await deliveries.next();
    two?.ack();
    expect(one?.value).toBe(1);
    await consumer.close();
    expect(await server.call('LRANGE', key, 0, -1)).toEqual(['4', '3', '1']);
    await transport.close();
    // It is known still that it was delivered before, to whom the same bytes may have been delivered as well.
    await server.call('LPUSH', key, '1');
    await server.call('RPUSH', key, '0', '-1', '-2');
    const again = open<number>(lists(server), key);
    const { value: batch } = await again.consumer().deliveryBatches({ max: 7, within: 30_000 }).next();
    const got = batch?.map(({ value, attempt }) => [value, attempt]);
    expect(got).toEqual([[-2, 1],
      [-1, 1],
      [0, 1], [1, 2], [3, 1], [4, 1], [1, 1]]);
  });

  it('joins what was put before, also where it went back to the list meanwhile', async () => {
    const key = freshKey();
    const queue = open<string>(lists(server), key);
    const producer = queue.producer();
    await producer.putMany(['a', 'b']);
    const first = queue.consumer();
    await first.deliveries().next();
    const joined = queue.join();
    await first.close();
    await producer.put('c');
    const second = queue.consumer();
    const got = [await second.get(), await second.get()];
    await joined;
    expect(got).toEqual(['a', 'b']);
    expect(await queue.stats()).toMatchObject({ put: 3, acked: 2 });
  });

  it('leaves nothing beside the list', async () => {
    const key = freshKey();
    const transport = lists(server);
    const queue = open<number>(transport, key);
    await queue.producer().putMany([1, 2]);
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe(1);
    await consumer.close();
    await transport.close();
    expect(await keysBeside(server, key)).toEqual([key]);
  });

  it('has the queue to itself without a name', async () => {
    const transport = lists(server, { prefix: `own-${freshKey()}:` });
    const queues = [1, 2].map(() => new IterableQueue<number>({ transport }));
    for (const [i, queue] of queues.entries()) await queue.producer().put(i);
    for (const [i, queue] of queues.entries()) expect(await queue.consumer().get()).toBe(i);
    await queues[0]!.producer().put(7);
    await transport.close();
    expect(await keysBeside(server, 'own-')).toEqual([]);
  });

  it('is refused what a list cannot keep, and what is no list', async () => {
    const transport = lists(server);
    expect(transport.manifest).toMatchObject({ gate: false, headers: false, isolation: 'machine', durable: true });
    expect(await code(() => new ReadyQueue({ transport, name: freshKey() }))).toBe('CAPABILITY_MISSING');
    const key = freshKey();
    const producer = open<unknown>(transport, key).producer();
    expect(await code(() => producer.put(1, { headers: { trace: 'x' } }))).toBe('CAPABILITY_MISSING');
    expect(await code(() => producer.put({ at: new Date(0) }))).toBe('VALUE_NOT_CLONEABLE');
    expect(await code(() => producer.put(undefined))).toBe('VALUE_NOT_CLONEABLE');
    const text = freshKey();
    await server.call('SET', text, 'x');
    expect(await code(() => open(transport, text).producer().put(1))).toBe('KEY_TYPE_MISMATCH');
    expect(await server.call('GET', text)).toBe('x');
  });

  it('must agree on the side and the codec', async () => {
    const key = freshKey();
    const left = open<number>(lists(server), key).producer();
    await left.put(1);
    expect(await code(() => open(lists(server, { push: 'right' }), key).producer().put(2))).toBe('BAD_OPTION');
    expect(await code(() => open(lists(server, { codec: msgpack }), key).producer().put(2))).toBe('BAD_OPTION');
    expect(await server.call('LRANGE', key, 0, -1)).toEqual(['1']);
  });
});

it('drops from the list on a lossy queue', async () => {
  const key = freshKey();
  const queue = open<number>(lists(server), key, { capacity: 2, overflow: 'drop-oldest' });
  const producer = queue.producer();
  for (const n of [1, 2, 3, 4]) await producer.put(n);
  expect(await server.call('LRANGE', key, 0, -1)).toEqual(['4', '3']);
  expect(await queue.stats()).toMatchObject({ size: 2, dropped: 2 });
});

it('clears the list', async () => {
  const key = freshKey();
  for (let i = 0; i < 300; i++) await server.call('LPUSH', key, String(i));
  const queue = open<number>(lists(server), key);
  expect(await queue.clear()).toBe(300);
  expect(await server.call('EXISTS', key)).toBe(0);
});

describe('keys', () => {
  it('of tables and dishes are as woodenwaiter has them, and no two pairs share one', () => {
    expect(tableDish('kitchen', 'soup:of:the day')).toBe('kitchen:soup:of:the day');
    expect(() => tableDish('a:b', 'c')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('are what the user says', async () => {
    const key = freshKey();
    await open<number>(lists(server, { key: (name) => `${key}/${name}` }), 'jobs').producer().put(1);
    expect(await server.call('LRANGE', `${key}/jobs`, 0, -1)).toEqual(['1']);
  });

  it('of any kind work in a Cluster, each beside its own list', async () => {
    const cluster = await sharedCluster();
    const run = freshKey();
    const names = ['a:b', '{x}:y', 'a}b{c', '{}', ' ', 'ключ 鍵 🥚', 'l'.repeat(10_000), '}', '{{a}}', `q:${run}`].map((name) => `${name}${run}`);
    const transport = redisLists({ cluster: cluster.urls });
    onTestFinished(() => transport.close());
    const slots = new Set<string>();
    for (const name of names) {
      const queue = open<string>(transport, name);
      await queue.producer().put(name);
      expect(await queue.consumer().get()).toBe(name);
      slots.add(besideList('millrace:', name));
    }
    expect(slots.size).toBe(names.length);
    const empty = open<string>(transport, '');
    await empty.producer().put(run);
    expect(await empty.consumer().get()).toBe(run);
  });

  it.each([
    ['a half of a pair', { key: () => '\ud83e' }],
    ['no text', { key: () => undefined as never }],
  ])('that are none are refused: %s', (_what, options) => {
    const transport = lists(server, options);
    expect(() => open(transport, 'x')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it.each([{ push: 'up' as never }, { key: 'x' as never }, { prefix: '{x}' }, { lease: 1 }])('and options that cannot be are refused: %j', (options) => {
    expect(() => redisLists({ url: server.url, ...options })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});

it('endpoints go to worker processes', async () => {
  const transport = lists(server);
  const key = freshKey('orders');
  const orders = open<{ soup: string }>(transport, key);
  const served = open<string>(transport, freshKey('served'));
  const url = new URL('workers/customer.ts', import.meta.url);
  const worker = transport.start(defineWorker(() => import('./workers/customer.ts'), url), {
    orders: orders.consumer(),
    served: served.producer(),
  });
  served.close();
  for (const soup of ['leek', 'Kürbis']) await server.call('LPUSH', key, JSON.stringify({ soup }));
  const consumer = served.consumer();
  expect([await consumer.get(), await consumer.get()]).toEqual(['leek', 'Kürbis']);
  orders.close();
  await worker.result();
  expect((await consumer.items().next()).done).toBe(true);
});

it('a consumer that waits asks for nothing, and a push is one look and one turn', async () => {
  const own = await opened(startServer());
  const transport = lists(own, { lease: 600_000 });
  const queue = open<number>(transport, 'idle:list');
  const consumer = queue.consumer();
  const turns = async (): Promise<number> => Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(await own.call('INFO', 'commandstats')))?.[1]);
  const looks = async (): Promise<number> => Number(/cmdstat_blmove:calls=(\d+)/.exec(String(await own.call('INFO', 'commandstats')))?.[1] ?? 0);
  const got = consumer.get();
  while ((await looks()) === 0 && !String(await own.call('CLIENT', 'LIST')).includes(' flags=b '));
  const before = await turns();
  await own.call('LPUSH', 'idle:list', '1');
  expect(await got).toBe(1);
  await consumer.flush();
  expect((await turns()) - before).toBeLessThanOrEqual(3);
  expect(await looks()).toBeLessThanOrEqual(2);
});

it.each(['takes', 'puts'])('goes on when its connections were cut: who %s', async (who) => {
  const own = await opened(startServer());
  const queue = open<number>(lists(own), 'cut:list', { capacity: 1 });
  const consumer = queue.consumer();
  const producer = queue.producer();
  const waiting = who === 'takes' ? consumer.get() : producer.putMany([1, 2]);
  await (who === 'takes' ? isBlocked(own) : isFull(own, 'cut:list'));
  await own.call('CLIENT', 'KILL', 'TYPE', 'normal');
  if (who === 'takes') {
    await own.call('LPUSH', 'cut:list', '7');
    expect(await waiting).toBe(7);
  } else {
    expect(await own.call('RPOP', 'cut:list')).toBe('1');
    await waiting;
    expect(await own.call('LRANGE', 'cut:list', 0, -1)).toEqual(['2']);
  }
});

async function isBlocked(at: { call: SharedServer['call'] }): Promise<void> {
  while (!/ flags=b .* cmd=blmove /.test(String(await at.call('CLIENT', 'LIST'))));
}

async function isFull(at: { call: SharedServer['call'] }, key: string): Promise<void> {
  while ((await at.call('LLEN', key)) === 0);
}
