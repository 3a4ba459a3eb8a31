import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import { describe, expect, onTestFinished, test } from 'vitest';

import { script } from '../../src/connection/index.ts';
import type { Connection } from '../../src/connection/types.ts';
import { opened } from '../support/open.ts';
import { startCluster, startSentinel, startServer } from '../support/servers.ts';
import { connected, failureOf, libraries, text, soon } from './targets.ts';

const echo = script('echo', 'return ARGV[1]');

/** Everything works over it. */
async function works(connection: Connection): Promise<void> {
  const bytes = Buffer.from([0, 255, 13, 10]);
  expect(await connection.run(echo, ['{own}key'], [bytes])).toEqual(bytes);
  const heard: string[] = [];
  const subscription = await connection.subscribe('{own}news', (payload) =>
    heard.push(text(payload)),
  );
  await connection.command('{own}news', [connection.publish, '{own}news', 'x']);
  await soon(() => expect(heard).toEqual(['x']));
  await subscription.unsubscribe();
  const popped = connection.blocking(
    '{own}list',
    ['BLPOP', '{own}list', '5'],
    new AbortController().signal,
  );
  await connection.command('{own}list', ['RPUSH', '{own}list', 'y']);
  expect(await popped).toEqual([Buffer.from('{own}list'), Buffer.from('y')]);
  expect(connection.options).toBeUndefined();
}

describe('node-redis', () => {
  test('a client, whatever its own settings are', async () => {
    const server = await opened(startServer({ password: 'right' }));
    const client = createClient({
      url: `redis://:right@127.0.0.1:${server.port}/2`,
      RESP: 3,
      keyPrefix: 'prefix:',
    });
    client.on('error', () => {});
    onTestFinished(() => client.destroy());
    const connection = connected({ client });
    expect(connection.topology).toBe('single');
    await works(connection);
    await connection.command('key', ['SET', 'key', 'value']);
    // In the client's database, and not prefixed. The client itself was not even connected, and can be.
    await client.connect();
    expect(await client.sendCommand(['GET', 'key'])).toBe('value');
    await connection.close();
    expect(await client.ping()).toBe('PONG');
    const list = String(await server.call('CLIENT', 'LIST'));
    expect(list.trim().split('\n')).toHaveLength(2);
  });

  test('a cluster', async () => {
    const cluster = await opened(startCluster({ password: 'right' }));
    const client = createCluster({
      rootNodes: [{ url: cluster.masters[0]!.url.replace(':right@', '') }],
      defaults: { password: 'right' },
    });
    client.on('error', () => {});
    const connection = connected({ client });
    expect(connection.topology).toBe('cluster');
    await works(connection);
    expect(connection.publish).toBe('SPUBLISH');
  });

  test('a sentinel', async () => {
    const set = await opened(startSentinel({ password: 'right' }));
    const client = createSentinel({
      name: set.masterName,
      sentinelRootNodes: set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port })),
      nodeClientOptions: { password: 'right' },
    });
    const connection = connected({ client });
    expect(connection.topology).toBe('sentinel');
    await works(connection);
  });
});

describe('ioredis', () => {
  test('a client, whatever its own settings are', async () => {
    const server = await opened(startServer({ password: 'right' }));
    const client = new Redis({
      port: server.port,
      password: 'right',
      db: 2,
      keyPrefix: 'prefix:',
      lazyConnect: true,
      enableAutoPipelining: true,
    });
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    const connection = connected({ client });
    expect(connection.topology).toBe('single');
    await works(connection);
    await connection.command('key', ['SET', 'key', 'value']);
    await client.connect();
    expect(await client.call('GET', 'key')).toBeNull();
    await connection.close();
    expect(await client.ping()).toBe('PONG');
    const list = String(await server.call('CLIENT', 'LIST'));
    expect(list.trim().split('\n')).toHaveLength(2);
  });

  test('a cluster', async () => {
    const cluster = await opened(startCluster({ password: 'right' }));
    const [first] = cluster.masters;
    const client = new Cluster([{ host: first!.host, port: first!.port }], {
      redisOptions: { password: 'right' },
      lazyConnect: true,
    });
    const connection = connected({ client });
    expect(connection.topology).toBe('cluster');
    await works(connection);
    expect(connection.publish).toBe('SPUBLISH');
  });

  test('a client that asks sentinels', async () => {
    const set = await opened(startSentinel({ password: 'right' }));
    const client = new Redis({
      name: set.masterName,
      sentinels: set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port })),
      password: 'right',
      lazyConnect: true,
    });
    const connection = connected({ client });
    expect(connection.topology).toBe('sentinel');
    await works(connection);
  });
});

test.each(libraries)(
  '%s: a wrong password in a client is no secret that we tell',
  async (library) => {
    const server = await opened(startServer({ password: 'right' }));
    const options = { port: server.port, password: 's3cret-word' };
    const client =
      library === 'redis'
        ? createClient({
            socket: { host: '127.0.0.1', port: server.port },
            password: 's3cret-word',
          })
        : new Redis({ ...options, lazyConnect: true });
    const connection = connected({ client });
    const error = await failureOf(connection.ready());
    expect(error.code).toBe('AUTH_FAILED');
    expect(JSON.stringify(error) + String(error.stack) + JSON.stringify(error.cause)).not.toContain(
      's3cret-word',
    );
  },
);
