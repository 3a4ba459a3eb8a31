import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { end, queueName, told } from './ends.ts';

describe('what a server loses of what it had confirmed', { timeout: 60_000 }, () => {
  it('is told, and the queue goes on, when everything was deleted', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const one = end(name, { url: server.url });
    const two = end(name, { url: server.url });
    const producer = one.producer();
    const consumer = two.consumer();
    const first = consumer.get();
    await producer.put('first');
    expect(await first).toBe('first');
    const next = consumer.get();
    await two.stats();
    const events = Promise.all([told(one, 'data-lost'), told(two, 'data-lost')]);
    await server.call('FLUSHALL');
    for (const { error } of await events) expect(error).toMatchObject({ code: 'DATA_LOST' });
    await producer.put('second');
    expect(await next).toBe('second');
    expect(await one.stats()).toMatchObject({ put: 1, producers: 1, consumers: 1 });
  });

  it('ends what is done here with the queue, where it was asked to stop', async () => {
    const server = await opened(startServer());
    const one = end(queueName(), { url: server.url, onDataLoss: 'stop' });
    const producer = one.producer();
    const waiting = one.consumer().get();
    await one.stats();
    const event = told(one, 'data-lost');
    await server.call('FLUSHALL');
    await event;
    await expect(waiting).rejects.toMatchObject({ code: 'DATA_LOST' });
    await expect(Promise.resolve().then(() => producer.put('more'))).rejects.toMatchObject({
      code: 'DATA_LOST',
    });
  });

  it('is counted when the items alone were deleted', async () => {
    const server = await opened(startServer());
    const one = end(queueName(), { url: server.url });
    const producer = one.producer();
    await producer.putMany(['a', 'b', 'c']);
    const [bodies] = ((await server.call('KEYS', '*:bodies')) as unknown[]).map(String);
    await server.call('DEL', bodies ?? '');
    const event = told(one, 'data-lost');
    const got = one.consumer().get();
    expect(await event).toMatchObject({ items: 3, error: { code: 'DATA_LOST' } });
    await producer.put('d');
    expect(await got).toBe('d');
    await one.join();
    expect(await one.stats()).toMatchObject({ put: 4, size: 0, inHand: 0 });
  });

  it('is counted when the server comes back with an older state, as a replica does that was not sent all', async () => {
    const server = await opened(startServer());
    const one = end(queueName(), { url: server.url });
    const producer = one.producer();
    await producer.put('kept');
    await server.call('SAVE');
    for (let i = 0; i < 5; i++) await producer.put(`lost ${String(i)}`);
    const event = told(one, 'data-lost');
    await server.restart({ signal: 'SIGKILL' });
    expect(await event).toMatchObject({ items: 5, error: { code: 'DATA_LOST' } });
    await producer.put('new');
    const consumer = one.consumer();
    expect([await consumer.get(), await consumer.get()]).toEqual(['kept', 'new']);
    expect(await one.stats()).toMatchObject({ size: 0, producers: 1, consumers: 1 });
  });
});
