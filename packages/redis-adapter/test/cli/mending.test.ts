import { hasCode, IterableQueue, ReadyQueue } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { redisLists } from '../../dist/index.js';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { hasTerminals, place, withLetters } from './support.ts';

describe.each(['single', 'cluster'] as const)('mending, %s', (topology) => {
  it('puts back the dead letters that were named, to the tail', async () => {
    const at = await place(topology);
    const queue = await withLetters(at, 'orders', ['a', 'b', 'c']);
    await queue.producer().put('d');
    expect(await at.json('put-back', 'orders', 'orders/d3', 'orders/d1', '--yes')).toEqual({ queue: 'orders', key: `${at.prefix}{q:orders}`, changed: 2 });
    const consumer = queue.consumer();
    expect([await consumer.get(), await consumer.get(), await consumer.get()]).toEqual(['d', 'c', 'a']);
    expect((await queue.deadLetters.read()).map(({ value }) => value)).toEqual(['b']);
  });

  it('purges all of them', async () => {
    const at = await place(topology);
    const queue = await withLetters(at, 'orders', ['a', 'b']);
    const { code, stdout } = await at.run('purge', 'orders', '--all', '--yes');
    expect([code, stdout]).toEqual([0, '2 dead letters of queue orders purged.\n']);
    expect(await queue.deadLetters.size()).toBe(0);
    expect(await at.json('purge', 'orders', '--all')).toMatchObject({ changed: 0 });
  });

  it('clears what waits, and leaves what is in hand', async () => {
    const at = await place(topology);
    const queue = at.open<number>('orders');
    await queue.producer().putMany([1, 2, 3]);
    const deliveries = queue.consumer().deliveries();
    const first = await deliveries.next();
    expect(await at.json('clear', 'orders', '--yes')).toMatchObject({ cleared: 2 });
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 1, cleared: 2 });
    first.value?.ack();
  });

  it('closes to new producers only', async () => {
    const at = await place(topology);
    const queue = at.open<number>('orders');
    const producer = queue.producer();
    await producer.put(1);
    const { code, stdout } = await at.run('close', 'orders', '--yes');
    expect([code, stdout]).toEqual([0, 'Queue orders takes no new producers. 1 producer may still put.\n']);
    await producer.put(2);
    const later = at.another();
    const there = new IterableQueue<number>({ transport: later, name: 'orders' });
    await expect(there.producer().put(3)).rejects.toSatisfy((error) => hasCode(error, 'QUEUE_CLOSED'));
  });

  it('drains: waits until everything is taken and settled', async () => {
    const at = await place(topology);
    const queue = at.open<number>('orders');
    const producer = queue.producer();
    await producer.putMany([1, 2]);
    const draining = at.start('drain', 'orders', '--yes', '--json');
    const deliveries = queue.consumer().deliveries();
    const [first, second] = [await deliveries.next(), await deliveries.next()];
    // It is told of the closing: the last producer leaves, and the rest is done.
    await at.closed();
    await producer.close();
    first.value?.ack();
    expect(draining.process.exitCode).toBe(null);
    second.value?.ack();
    expect((await deliveries.next()).done).toBe(true);
    const { code, stdout } = await draining.ended();
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { queue: 'orders', drained: true }]);
  });

  it('removes every key, and tells those who use it', async () => {
    const at = await place(topology);
    const queue = await withLetters(at, 'orders', ['a']);
    const producer = queue.producer();
    await producer.put('b');
    const refused = await at.run('remove', 'orders', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Queue orders is in use: 1 session has a lease on it.');
    expect(await queue.stats()).toMatchObject({ size: 1 });
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe('b');
    const lost = expect(consumer.get()).rejects.toSatisfy((error) => hasCode(error, 'ENDPOINT_LOST') && error.message.includes('removed by an operator'));
    await queue.stats();
    expect(await at.json('remove', 'orders', '--yes', '--force')).toMatchObject({ removed: { deadLetters: 1, sessions: 1 } });
    await lost;
    expect(await at.keys()).toEqual([]);
    expect((await at.run('remove', 'orders', '--yes')).code).toBe(3);
  });
});

/** Resolves when the queue says that it is closed. */
it('a queue is removed, and looked at, though the memory of the server is full', async () => {
  const server = await opened(startServer());
  const at = await place('single', server);
  const queue = at.open<number>('orders');
  await queue.producer().put(1);
  await server.call('CONFIG', 'SET', 'maxmemory', '1');
  expect(await at.json('show', 'orders')).toMatchObject({ queue: { depth: 1 } });
  expect(await at.json('remove', 'orders', '--yes', '--force')).toMatchObject({ removed: { waiting: 1 } });
  expect(await at.keys()).toEqual([]);
});

it('plain lists are looked at and mended by their keys', async () => {
  const at = await place();
  const transport = redisLists({ url: at.url, prefix: at.prefix });
  onTestFinished(() => transport.close());
  const name = `${at.prefix}kitchen`;
  const queue = new IterableQueue<number>({ transport, name });
  await queue.producer().putMany([1, 2]);
  const deliveries = queue.consumer().deliveries();
  (await deliveries.next()).value?.reject(new Error('burnt'));
  await deliveries.return?.();
  await queue.stats();
  const { queues } = (await at.json('list')) as { queues: { key: string }[] };
  expect(queues).toEqual([expect.objectContaining({ name, depth: 1, deadLetters: 1 })]);
  const key = queues[0]?.key ?? '';
  expect(await at.json('letters', '--key', key)).toMatchObject({ letters: [{ value: 1 }] });
  expect(await at.json('put-back', '--key', key, '--all', '--yes')).toMatchObject({ changed: 1 });
  expect(await queue.stats()).toMatchObject({ size: 2 });
});

it('a queue that nobody uses is removed without force', async () => {
  const at = await place();
  await at.open<number>('orders').producer().put(1);
  await at.transport.close();
  expect(await at.json('remove', 'orders', '--yes')).toMatchObject({ removed: { waiting: 1, sessions: 0 } });
  expect(await at.keys()).toEqual([]);
});

it('mending leaves no session behind, and makes no queue', async () => {
  const at = await place();
  await withLetters(at, 'orders', ['a', 'b']);
  await at.run('put-back', 'orders', '--all', '--yes');
  expect(await at.json('show', 'orders')).toMatchObject({ queue: { depth: 2 }, sessions: [{}] });
  for (const command of ['purge', 'put-back']) expect((await at.run(command, 'other', '--all', '--yes')).code).toBe(3);
  for (const command of ['close', 'drain', 'clear']) expect((await at.run(command, 'other', '--yes')).code).toBe(3);
  expect((await at.keys()).filter((key) => !key.startsWith(`${at.prefix}{q:orders}`))).toEqual([]);
});

it('a dead letter that is not there is named, and none is touched', async () => {
  const at = await place();
  const queue = await withLetters(at, 'orders', ['a']);
  for (const command of ['purge', 'put-back']) {
    const { code, stdout } = await at.run(command, 'orders', 'orders/d1', 'orders/d7', '--yes', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'NO_SUCH_LETTER', details: { ids: ['orders/d7'] } } }]);
  }
  expect(await queue.deadLetters.size()).toBe(1);
});

it('nothing is put back into a queue that is not ready', async () => {
  const at = await place();
  const queue = new ReadyQueue<number>({ transport: at.transport, name: 'gated' });
  await queue.setReady();
  await queue.producer().put(1);
  const deliveries = queue.consumer().deliveries();
  (await deliveries.next()).value?.reject(new Error('no'));
  await queue.stats();
  await queue.setNotReady();
  const { code, stderr } = await at.run('put-back', 'gated', '--all', '--yes');
  expect([code, stderr]).toEqual([1, 'millrace-redis: Queue gated is not ready, and takes no items. Nothing was changed.\n']);
  expect(await queue.deadLetters.size()).toBe(1);
});

it('a drain that takes too long says what is left, and the queue stays closed', async () => {
  const at = await place();
  const queue = at.open<number>('orders');
  await queue.producer().put(1);
  const { code, stdout, stderr } = await at.run('drain', 'orders', '--deadline', '100ms', '--yes', '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([
    4,
    { error: { code: 'DEADLINE_PASSED', details: { depth: 1, inHand: 0, producers: 1, blockers: [{ kind: 'producer' }, { kind: 'waiting', items: 1 }] } } },
  ]);
  expect(stderr).toContain('has no consumer');
  expect(await at.json('show', 'orders')).toMatchObject({ queue: { state: 'closed' }, sessions: [{}] });
});

it('a deadline holds though the server does not answer any more', async () => {
  const server = await opened(startServer());
  const at = await place('single', server);
  await at.open<number>('orders').producer().put(1);
  const draining = at.start('drain', 'orders', '--yes', '--deadline', '4s');
  await at.closed();
  await server.kill('SIGSTOP');
  const { code, stderr } = await draining.ended();
  await server.kill('SIGCONT');
  expect([code, stderr]).toEqual([4, expect.stringContaining('was not drained within 4.0 s: the server does not answer')]);
});

it('a drain that is interrupted leaves the queue', async () => {
  const at = await place();
  const queue = at.open<number>('orders');
  await queue.producer().put(1);
  const draining = at.start('drain', 'orders', '--yes');
  await at.closed();
  draining.process.kill('SIGINT');
  expect((await draining.ended()).code).toBe(130);
  expect(await at.json('show', 'orders')).toMatchObject({ sessions: [{}] });
});

it('without a terminal, what changes something needs --yes', async () => {
  const at = await place();
  const queue = await withLetters(at, 'orders', ['a']);
  await queue.producer().put('b');
  const before = await queue.stats();
  for (const command of [['put-back', 'orders', '--all'], ['purge', 'orders', 'orders/d1'], ['close', 'orders'], ['drain', 'orders'], ['clear', 'orders'], ['remove', 'orders', '--force']]) {
    const { code, stdout, stderr } = await at.run(...command);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^millrace-redis: .*orders.*\? Nobody can be asked here: say --yes to do it\. Nothing was changed\.\n$/);
  }
  expect(await queue.stats()).toEqual(before);
});

describe.skipIf(!hasTerminals)('in a terminal', () => {
  it('it asks, naming what and how many', async () => {
    const at = await place();
    const queue = await withLetters(at, 'orders', ['a', 'b']);
    const refusing = at.inTerminal('purge', 'orders', '--all');
    await refusing.wrote(/Forget all 2 dead letters of queue orders for good\? \[y\/N\]/);
    refusing.process.stdin.write('\r');
    const refused = await refusing.ended();
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('Nothing was changed.');
    expect(await queue.deadLetters.size()).toBe(2);

    const agreeing = at.inTerminal('purge', 'orders', '--all');
    await agreeing.wrote(/\[y\/N\]/);
    agreeing.process.stdin.write('y\r');
    expect((await agreeing.ended()).code).toBe(0);
    expect(await queue.deadLetters.size()).toBe(0);
  });

  it('Ctrl-C at the question changes nothing', async () => {
    const at = await place();
    const queue = await withLetters(at, 'orders', ['a']);
    const asking = at.inTerminal('purge', 'orders', '--all');
    await asking.wrote(/\[y\/N\]/);
    asking.process.stdin.write('\x03');
    expect((await asking.ended()).code).toBe(130);
    expect(await queue.deadLetters.size()).toBe(1);
  });
});
