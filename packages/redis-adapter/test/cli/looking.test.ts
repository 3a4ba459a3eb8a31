import { ReadyQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { topic } from '../../dist/index.js';
import { place, withLetters } from './support.ts';

interface Summary {
  readonly name: string;
  readonly key: string;
}
interface List {
  readonly queues: readonly Summary[];
  readonly unknown: readonly unknown[];
}

const LONG = 'n'.repeat(10_000);
/** Names that a user may choose. */
const HOSTILE = ['', ' ', 'a b', '{', '}', '{a}b', ':', 'x:endpoints', '*', '-v', '--all', 'ä→𝄞', '"\\', '\x1b[2J\r\n', topic('table', 'dish'), LONG];

describe.each(['single', 'cluster'] as const)('looking, %s', (topology) => {
  it('lists queues of whatever name, on whatever node, by these names', async () => {
    const at = await place(topology);
    for (const name of HOSTILE) await at.open<number>(name).producer().put(1);
    const { queues, unknown } = (await at.json('list')) as List;
    expect(queues.map(({ name }) => name)).toEqual([...HOSTILE].sort());
    expect(unknown).toEqual([]);
    expect(queues.every(({ key }) => key.startsWith(at.prefix))).toBe(true);
    const { code, stdout } = await at.run('list');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(HOSTILE.length + 3);
    // Nothing that a terminal would obey.
    expect(/[^\P{C}\n]/u.test(stdout)).toBe(false);
  });

  it('shows each of them', async () => {
    const at = await place(topology);
    for (const name of topology === 'single' ? ['', 'a b', '{a}b', '-v', 'ä→𝄞', '\x1b[2J\r\n', LONG] : ['}', '--all']) {
      await at.open<number>(name).producer().put(1);
      const { code, stdout } = await at.run('show', '--json', '--', name);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { queue: { name, depth: 1 } }]);
    }
  });
});

it('list counts what there is', async () => {
  const at = await place();
  const queue = at.open<number>('orders', { capacity: 3 });
  const producer = queue.producer();
  const consumer = queue.consumer();
  await producer.putMany([1, 2]);
  const deliveries = consumer.deliveries();
  await deliveries.next();
  const gated = new ReadyQueue<number>({ transport: at.transport, name: 'gated' });
  await gated.stats();
  const closed = at.open<number>('closed');
  await closed.producer().put(1);
  closed.close();
  await closed.stats();
  const { queues } = (await at.json('list')) as List;
  expect(queues).toEqual([
    expect.objectContaining({ name: 'closed', state: 'closed', depth: 1, producers: 1 }),
    expect.objectContaining({ name: 'gated', state: 'not ready', depth: 0, lastTakenMs: null }),
    {
      ...{ name: 'orders', key: `${at.prefix}{q:orders}`, exclusive: false, state: 'open', depth: 1, inHand: 1 },
      ...{ deadLetters: 0, producers: 1, consumers: 1, waitingProducers: 0, sessions: 1 },
      ...{ silentMs: expect.any(Number), lastTakenMs: expect.any(Number), lastSettledMs: null },
    },
  ]);
  const { stdout } = await at.run('list');
  expect(stdout).toMatch(/^QUEUE +DEPTH +IN HAND +PRODUCERS +CONSUMERS +WAITING +DEAD +STATE +SESSIONS +LAST SETTLED$/m);
  expect(stdout).toMatch(/^orders +1 +1 +1 +1 +0 +0 +open +1 +never$/m);
});

it('list says when there is none, and knows no prefix but its own', async () => {
  const at = await place();
  const other = await place();
  await other.open<number>('orders').producer().put(1);
  expect(await at.json('list')).toEqual({ queues: [], unknown: [] });
  expect((await at.run('list')).stdout).toBe(`There are no queues with the prefix ${at.prefix}.\n`);
  await at.call('HSET', `${at.prefix}{q:no-queue}`, 'field', 'of somebody else');
  await at.call('SET', `${at.prefix}{q:text}`, 'of somebody else');
  await at.call('SET', `${at.prefix}{q:a}:endpoints`, 'of somebody else');
  expect(await at.json('list')).toEqual({ queues: [], unknown: [] });
});

it('a prefix that looks like a pattern is none', async () => {
  const at = await place();
  await at.open<number>('orders').producer().put(1);
  expect(await at.json('list', '--prefix', `${at.prefix.slice(0, -2)}*`)).toEqual({ queues: [], unknown: [] });
});

it('show tells of options, counts, sessions and their leases, endpoints, slots and blockers', async () => {
  const at = await place();
  const queue = at.open<number>('orders', { capacity: 3, maxDeliveries: 2 });
  const producer = queue.producer();
  const consumer = queue.consumer();
  await producer.putMany([1, 2, 3]);
  const deliveries = consumer.deliveries();
  const first = await deliveries.next();
  first.value?.ack();
  await deliveries.next();
  await consumer.flush();
  queue.producerSlot();
  await queue.stats();
  const shown = await at.json('show', 'orders');
  expect(shown).toMatchObject({
    queue: { name: 'orders', depth: 1, inHand: 1, producers: 2, consumers: 1 },
    options: {
      ...{ capacity: 3, overflow: 'wait', acknowledge: 'on-done', gate: false, maxDeliveries: 2, deadLetterCapacity: 1000 },
      ...{ codec: 'structured', leaseMs: 60_000 },
    },
    generation: expect.stringMatching(/^[\w-]+$/),
    counts: { put: 3, taken: 2, acked: 1, dead: 0 },
    sessions: [{ id: expect.any(String), state: 'alive', endpoints: 3, owner: false, leaseLeftMs: expect.any(Number) }],
    endpoints: [
      { role: 'consumer', worker: null, inHand: 1, moving: false },
      { role: 'producer', worker: null, moving: false },
    ],
    slots: [{ role: 'producer' }],
    blockers: [{ kind: 'queue-open' }, { kind: 'producer' }, { kind: 'slot' }, { kind: 'waiting', items: 1 }, { kind: 'in-hand', items: 1 }],
  });
  const { sessions } = shown as { sessions: { leaseLeftMs: number; heardMs: number }[] };
  expect(sessions[0]?.leaseLeftMs).toBeGreaterThan(30_000);
  expect(sessions[0]?.heardMs).toBeLessThan(30_000);
  const { stdout } = await at.run('show', 'orders');
  for (const part of ['1 session\n', '2 endpoints\n', '1 slot\n', 'What keeps it from ending\n']) expect(stdout).toContain(part);
});

it('looking changes nothing, and keeps no lease', async () => {
  const at = await place();
  await withLetters(at, 'orders', [1]);
  await at.transport.close();
  const key = `${at.prefix}{q:orders}`;
  const before = await at.call('HGETALL', key);
  const keys = await at.keys();
  for (const command of [['list'], ['show', 'orders'], ['letters', 'orders'], ['watch', 'orders', '--count', '1']]) expect((await at.run(...command)).code).toBe(0);
  expect(await at.call('HGETALL', key)).toEqual(before);
  expect((await at.keys()).sort()).toEqual(keys.sort());
});

it('a session whose process is gone shows as silent, and as expired once others have noticed', async () => {
  const at = await place();
  const queue = at.open<number>('orders');
  await queue.producer().put(1);
  // A copy, which nobody keeps going.
  const key = `${at.prefix}{q:gone}`;
  const hour = Date.now() - 3_600_000;
  for (const each of await at.keys()) await at.call('COPY', each, each.replace('{q:orders}', '{q:gone}'));
  const old = "local q = cmsgpack.unpack(redis.call('HGET', KEYS[1], 'state')) q.time, q.name = tonumber(ARGV[1]), 'gone' redis.call('HSET', KEYS[1], 'state', cmsgpack.pack(q))";
  await at.call('EVAL', old, '1', key, String(hour));
  const silent = (await at.json('show', 'gone')) as { queue: { silentMs: number }; sessions: { state: string; heardMs: number; leaseLeftMs: number }[] };
  expect(silent.queue.silentMs).toBeGreaterThan(3_590_000);
  expect(silent.sessions[0]).toMatchObject({ state: 'silent' });
  expect(silent.sessions[0]?.heardMs).toBeGreaterThan(3_590_000);
  // A silence of all costs no more than half a lease.
  expect(silent.sessions[0]?.leaseLeftMs).toBeGreaterThan(20_000);
  const [id] = (await at.call('ZRANGE', `${key}:leases`, '0', '0')) as string[];
  await at.call('ZADD', `${key}:leases`, '0', id!);
  expect(await at.json('show', 'gone')).toMatchObject({ sessions: [{ state: 'expired' }] });
});

it('an exclusive queue is addressed by its key', async () => {
  const at = await place();
  const queue = at.open<number>(undefined);
  await queue.producer().put(1);
  const { queues } = (await at.json('list')) as List;
  expect(queues).toEqual([expect.objectContaining({ exclusive: true, depth: 1 })]);
  const [{ key, name }] = queues as [Summary];
  expect((await at.run('list')).stdout).toContain(`${name} (${key})`);
  expect((await at.run('show', name)).code).toBe(3);
  expect(await at.json('show', '--key', key)).toMatchObject({ queue: { name, key } });
});

it('a queue of another layout is named, and left alone', async () => {
  const at = await place();
  await at.open<number>('orders').producer().put(1);
  await at.call('HSET', `${at.prefix}{q:orders}`, 'version', '999');
  expect(await at.json('list')).toEqual({ queues: [], unknown: [{ name: 'orders', key: `${at.prefix}{q:orders}`, layout: 999 }] });
  for (const command of [['show', 'orders'], ['letters', 'orders'], ['remove', 'orders', '--yes', '--force'], ['close', 'orders', '--yes']]) {
    const { code, stdout } = await at.run(...command, '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'LAYOUT_MISMATCH', details: { is: 999 } } }]);
  }
  await at.call('HSET', `${at.prefix}{q:orders}`, 'version', '1');
});

it('letters shows values as JSON, with what JSON does not know, and errors', async () => {
  const at = await place();
  const values = [
    { text: 'ä', at: new Date(0), large: 2n ** 70n, none: undefined, bytes: new Uint8Array([1, 2]) },
    new Map<unknown, unknown>([['a', new Set([NaN])]]),
    { $a: 1 },
    'x\x1b[2J',
  ];
  const loop: { self?: unknown } = {};
  loop.self = loop;
  await withLetters(at, 'orders', [...values, loop]);
  const { letters, total } = (await at.json('letters', 'orders')) as { letters: { id: string; value: unknown; error: unknown; attempts: number; at: string }[]; total: number };
  expect(total).toBe(5);
  expect(letters.map(({ value }) => value)).toEqual([
    { text: 'ä', at: { $date: '1970-01-01T00:00:00.000Z' }, large: { $bigint: String(2n ** 70n) }, none: { $undefined: true }, bytes: { $bytes: 'AQI=' } },
    { $map: [['a', { $set: [{ $number: 'NaN' }] }]] },
    { $object: [['$a', 1]] },
    'x\x1b[2J',
    { self: { $ref: '$' } },
  ]);
  expect(letters[0]).toMatchObject({ id: 'orders/d1', attempts: 1, error: { $error: { name: 'RangeError', message: 'cannot take number 0' } } });
  expect(Math.abs(Date.parse(letters[0]!.at) - Date.now())).toBeLessThan(60_000);
  const { stdout } = await at.run('letters', 'orders', '--max', '4');
  expect(stdout).toContain('RangeError: cannot take number 3');
  expect(stdout).toContain('4 of 5 dead letters');
  expect(stdout).not.toContain('\x1b');
});

it('what a codec of the user wrote is shown as its bytes', async () => {
  const at = await place();
  await withLetters(at, 'orders', [1]);
  const key = `${at.prefix}{q:orders}`;
  // The item's first byte is its codec: one that nobody has.
  await at.call('EVAL', "local l = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1])) l.body = l.body:sub(1, 4) .. '\\63' .. l.body:sub(6) redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(l))", '1', `${key}:letters`, 'orders/d1');
  expect(await at.json('letters', 'orders')).toMatchObject({ letters: [{ value: { $bytes: expect.any(String) } }] });
});
