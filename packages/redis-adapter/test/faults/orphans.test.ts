import { IterableQueue, type Transport } from '@millrace/core';
import { expect, it, onTestFinished } from 'vitest';

import { redis } from '../../dist/index.js';
import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { list, settled, startServer } from '../support/servers.ts';
import { cutOff } from './ends.ts';

it('a queue without a name whose processes have all died is deleted a day later by whoever makes another', async () => {
  const server = await opened(startServer());
  const proxy = await opened(startProxy({ target: server.port }));
  const keys = async (pattern: string): Promise<string[]> =>
    list(await server.call('KEYS', pattern)).map(String);
  const noted = async (): Promise<string[]> =>
    list(await server.call('SMEMBERS', 'millrace:{temporary}')).map(String);
  const make = async (url: string): Promise<Transport> => {
    const transport = redis({ url, lease: 60_000, connectTimeout: 30_000 });
    onTestFinished(() => transport.close());
    const queue = new IterableQueue<string>({ transport });
    await queue.producer().put('item');
    return transport;
  };
  // Nobody hears any more of the process that made it.
  await make(proxy.url);
  const [dead = ''] = await noted();
  await cutOff(proxy);
  expect((await keys(`${dead}:*`)).length).toBeGreaterThan(5);

  // One that goes as it should is forgotten at once.
  const other = await make(server.url);
  expect(await noted()).toHaveLength(2);
  await other.close();
  expect(await noted()).toEqual([dead]);
  expect(await keys(dead)).toEqual([dead]);

  const [now] = list(await server.call('TIME')).map(Number);
  const heard = `local q = cmsgpack.unpack(redis.call('HGET', KEYS[1], 'state'))
    q.time = tonumber(ARGV[1])
    redis.call('HSET', KEYS[1], 'state', cmsgpack.pack(q))`;
  await server.call('EVAL', heard, 1, dead, ((now ?? 0) - 25 * 3600) * 1000);
  await make(server.url);
  await settled('it is gone', async () => ((await noted()).includes(dead) ? undefined : true));
  expect(await keys(`${dead}*`)).toEqual([]);
  expect(await noted()).toHaveLength(1);
  await proxy.resume();
});
