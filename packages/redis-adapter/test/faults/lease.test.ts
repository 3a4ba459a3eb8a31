import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { Delivery } from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { settled, startServer } from '../support/servers.ts';
import { opened } from '../support/open.ts';
import { cutOff, end, endBehind, queueName, told } from './ends.ts';

describe('a process that is cut off for longer than its lease', { timeout: 60_000 }, () => {
  it('comes back: what it had in hand is refused, and it goes on with new items', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue: far, proxy } = await endBehind(server.port, name);
    const near = end(name, { url: server.url });
    const producer = near.producer();
    const consumer = far.consumer();
    for (const item of ['a', 'b', 'c']) await producer.put(item);
    const deliveries = consumer.deliveries();
    const held: Delivery<string>[] = [];
    for (let i = 0; i < 3; i++) held.push((await deliveries.next()).value!);
    expect(held.map(({ value, attempt }) => [value, attempt])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    const next = deliveries.next();

    const lost = told(near, 'endpoint-lost');
    await cutOff(proxy);
    expect(await lost).toMatchObject({ role: 'consumer', inHand: 3 });
    // Before it knows: this must settle nothing.
    held[0]?.ack();
    const other = near.consumer();
    const again = other.deliveries();
    const redelivered: Delivery<string>[] = [];
    for (let i = 0; i < 3; i++) redelivered.push((await again.next()).value!);
    expect(redelivered.map(({ value, attempt }) => [value, attempt])).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);

    const back = told(far, 'lease-lost');
    await proxy.resume();
    expect(await back).toMatchObject({ returned: 3, inHand: 3 });
    expect(() => held[1]?.ack()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }) as Error);
    expect(() => held[2]?.nack()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }) as Error);
    await far.stats();
    expect(await near.stats()).toMatchObject({ inHand: 3, acked: 0, consumers: 2 });
    for (const delivery of redelivered) delivery.ack();
    await other.close();
    await producer.put('d');
    const { value: last } = await next;
    expect(last!.value).toBe('d');
    expect(await near.stats()).toMatchObject({ acked: 3, put: 4, consumers: 1 });
    // What was refused keeps nothing open.
    last!.ack();
    near.close();
    await producer.close();
    expect(await deliveries.next()).toMatchObject({ done: true });
  });

  it('confirms what it put meanwhile, once', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue: far, proxy } = await endBehind(server.port, name);
    const near = end(name, { url: server.url });
    const producer = far.producer();
    const consumer = near.consumer();
    await producer.put('before');
    const lost = told(near, 'endpoint-lost');
    const back = told(far, 'lease-lost');
    await cutOff(proxy);
    const puts = Promise.all(['a', 'b', 'c', 'd'].map(async (item) => producer.put(item)));
    await lost;
    await proxy.resume();
    await back;
    expect(await puts).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    await producer.put('after');
    const got: string[] = [];
    for await (const item of consumer.take(6)) got.push(item);
    expect(got).toEqual(['before', 'a', 'b', 'c', 'd', 'after']);
    await near.join();
    expect(await near.stats()).toMatchObject({ put: 6, producers: 1, size: 0 });
    await producer.close();
    far.close();
    await Promise.all([near.ended(), far.ended()]);
  });

  it('waits on with what waited: a full queue, a join, an ending', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue: far, proxy } = await endBehind(server.port, name);
    await far.stats();
    const near = end(name, { url: server.url });
    const producer = far.producer();
    await producer.put('first');
    const joined = far.join();
    const ended = far.ended();
    await far.stats();
    const lost = told(near, 'endpoint-lost');
    const back = told(far, 'lease-lost');
    await cutOff(proxy);
    await lost;
    await proxy.resume();
    await back;
    await far.stats();
    expect(await near.consumer().get()).toBe('first');
    await joined;
    await producer.close();
    near.close();
    await ended;
  });

  it('drops what its loops are done with', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue: far, proxy } = await endBehind(server.port, name);
    const near = end(name, { url: server.url });
    const producer = near.producer();
    for (const item of ['a', 'b']) await producer.put(item);
    const loop = far.consumer()[Symbol.asyncIterator]();
    expect(await loop.next()).toEqual({ done: false, value: 'a' });
    const lost = told(near, 'endpoint-lost');
    const back = told(far, 'lease-lost');
    await cutOff(proxy);
    await lost;
    const taken = near.consumer();
    expect([await taken.get(), await taken.get()]).toEqual(['a', 'b']);
    await taken.close();
    await proxy.resume();
    await back;
    const next = loop.next();
    await producer.put('c');
    expect(await next).toEqual({ done: false, value: 'c' });
    await loop.return?.();
    expect(await far.stats()).toMatchObject({ size: 1, inHand: 0, acked: 2, put: 3 });
  });
});

describe('who blocks the event loop for longer than the lease', { timeout: 60_000 }, () => {
  // A thread renews the lease then: with a short one it is connected from the start, with a long one only once it has to be.
  it.each([
    { lease: 2000, connections: 3 },
    { lease: 9500, connections: 2 },
  ])('keeps a lease of $lease ms', async ({ lease, connections }) => {
    const server = await opened(startServer());
    const stand = (count: number): Promise<true> =>
      settled(`${String(count)} connections`, async () => {
        const clients = String(await server.call('CLIENT', 'LIST'));
        // One of them asks.
        return clients.trim().split('\n').length - 1 === count ? true : undefined;
      });
    const name = queueName();
    const near = end(name, { url: server.url });
    const lost: unknown[] = [];
    near.on('endpoint-lost', (event) => lost.push(event));
    await near.producer().put('a');
    await stand(3);
    const workerData = { url: server.url, name, lease, blocked: lease * 1.5 };
    const blocked = new Worker(new URL('programs/blocked.mjs', import.meta.url), { workerData });
    // On a busy machine a thread takes longer to connect than such a short lease lasts.
    await stand(3 + connections);
    blocked.postMessage('block');
    const [exitCode] = (await once(blocked, 'exit')) as [number];
    expect(exitCode).toBe(0);
    expect(lost).toEqual([]);
    expect(await near.stats()).toMatchObject({ acked: 1, redelivered: 0 });
  });
});
