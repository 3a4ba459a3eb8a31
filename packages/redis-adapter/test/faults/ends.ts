// Two processes' worth of a queue, as a test sees them: the transports are of one process, and each has its own connection.

import { onTestFinished } from 'vitest';

import { IterableQueue, type QueueOptions } from '@millrace/core';
import { redis, type RedisOptions } from '@millrace/redis-adapter';

import { opened } from '../support/open.ts';
import { startProxy, type TcpProxy } from '../support/proxy.ts';

let queues = 0;

export function queueName(): string {
  return `fault ${String(process.pid)} ${String(++queues)}`;
}

/** A queue over a transport of its own, which is closed after the test. */
export function end(
  name: string,
  options: RedisOptions,
  more: Partial<QueueOptions> = {},
): IterableQueue<string> {
  const transport = redis({ lease: 1000, connectTimeout: 30_000, ...options });
  onTestFinished(() => transport.close());
  return new IterableQueue<string>({ transport, name, ...more });
}

/** The same by way of a proxy that can cut it off. */
export async function endBehind(
  port: number,
  name: string,
  options: Partial<RedisOptions> = {},
  more: Partial<QueueOptions> = {},
): Promise<{ queue: IterableQueue<string>; proxy: TcpProxy }> {
  const proxy = await opened(startProxy({ target: port }));
  return { queue: end(name, { ...options, url: proxy.url }, more), proxy };
}

export async function cutOff(proxy: TcpProxy): Promise<void> {
  await proxy.refuse();
  proxy.cut();
}

/** The next event of a kind. */
export function told<K extends Parameters<IterableQueue<string>['on']>[0]>(
  queue: IterableQueue<string>,
  kind: K,
): Promise<Parameters<Parameters<typeof queue.on<K>>[1]>[0]> {
  return new Promise((resolve) => {
    const stop = queue.on(kind, (event) => {
      stop();
      resolve(event);
    });
  });
}
