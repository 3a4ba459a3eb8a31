import { defineWorker, IterableQueue, type Transport } from '@millrace/core';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type Codec, json, msgpack, redis, type RedisOptions } from '../../dist/index.js';
import { sharedServer } from '../support/servers.ts';

const given = defineWorker(
  () => import('./workers/given.js'),
  new URL('./workers/given.ts', import.meta.url),
);

const returns = defineWorker(
  () => import('./workers/returns.js'),
  new URL('./workers/returns.ts', import.meta.url),
);

const own: Codec = { ...json, id: 40, name: 'own' };

let opened = 0;

function open(options: RedisOptions): Transport {
  const transport = redis({
    ...options,
    prefix: `client:${String(process.pid)}:${String((opened += 1))}:`,
  });
  onTestFinished(() => transport.close());
  return transport;
}

describe('a worker process', () => {
  it.each([
    ['json', json],
    ['msgpack', msgpack],
    ['none', undefined],
  ])('writes as its parent does, by the codec %s', async (_, codec) => {
    const { url } = await sharedServer();
    const transport = open({ url, codec });
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(given, undefined);
    handle.channel.post({ out: queue.producer() });
    expect(await queue.consumer().get()).not.toBe(process.pid);
    await handle.result();
  });

  it.each<[string, (url: string) => RedisOptions]>([
    ['a client object', (url) => ({ client: createClient({ url }) })],
    ['a codec of your own', (url) => ({ url, codec: own })],
  ])('is refused endpoints where redis() was given %s: they stay, and work', async (_, options) => {
    const { url } = await sharedServer();
    const transport = open(options(url));
    const queue = new IterableQueue<number>({ transport });
    const out = queue.producer();
    expect(() => transport.start(returns, { out })).toThrow(
      expect.objectContaining({ code: 'CAPABILITY_MISSING' }) as Error,
    );
    expect(await out.put(1)).toBe('accepted');
    expect(await queue.consumer().get()).toBe(1);
  });
});
