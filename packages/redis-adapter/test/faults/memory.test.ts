import { describe, expect, it } from 'vitest';

import { hasCode } from '@millrace/core';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { end, queueName } from './ends.ts';

const ITEM = 'x'.repeat(16_384);

describe('a server that has reached its memory limit', { timeout: 60_000 }, () => {
  it('lets puts wait, or fail when they are to, while consuming goes on and makes room', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const one = end(name, { url: server.url });
    const two = end(name, { url: server.url });
    const producer = one.producer();
    await producer.put(`0 ${ITEM}`);
    const used = Number(/used_memory:(\d+)/.exec(String(await server.call('INFO', 'memory')))?.[1]);
    await server.call('CONFIG', 'SET', 'maxmemory', used + 4_000_000);
    let put = 0;
    let failed: unknown;
    while (failed === undefined) {
      try {
        await producer.put(`${String(++put)} ${ITEM}`, { timeout: 1000 });
      } catch (error) {
        failed = error;
      }
    }
    expect(failed).toMatchObject({ code: 'PUT_UNCERTAIN' });
    const id = hasCode(failed, 'PUT_UNCERTAIN') ? failed.details.id : '';
    expect(put).toBeGreaterThan(50);
    // Another one waits as long as it takes; the same process consumes meanwhile.
    const waiting = producer.put(`${String(put + 1)} ${ITEM}`);
    const got: number[] = [];
    const takes = async (queue: typeof one, count: number): Promise<void> => {
      for await (const item of queue.consumer().take(count)) got.push(Number.parseInt(item));
    };
    await takes(one, 20);
    await takes(two, 20);
    expect(await waiting).toBe('accepted');
    expect(await producer.put(`${String(put)} ${ITEM}`, { id })).toBe('accepted');
    const { size } = await one.stats();
    await takes(two, size);
    await one.join();
    expect([...got].sort((a, b) => a - b)).toEqual(Array.from({ length: put + 2 }, (_, i) => i));
    expect(await one.stats()).toMatchObject({ put: put + 2, acked: put + 2 });
  });

  it('lets a put wait, too, whose turn frees some memory at the same time', async () => {
    const server = await opened(startServer());
    const queue = end(queueName(), { url: server.url });
    const producer = queue.producer();
    await producer.put('0');
    await server.call('CONFIG', 'SET', 'maxmemory', 1);
    // It says as well that the answer to the one before has come, which need not be kept any longer.
    const put = Promise.resolve(producer.put('1', { timeout: 500 }));
    const refused: unknown = await put.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'PUT_UNCERTAIN' });
    await server.call('CONFIG', 'SET', 'maxmemory', 0);
    const id = hasCode(refused, 'PUT_UNCERTAIN') ? refused.details.id : '';
    expect(await producer.put('1', { id })).toBe('accepted');
    expect(await queue.stats()).toMatchObject({ put: 2, size: 2 });
  });
});
