import { describe, expect, test } from 'vitest';

import { script } from '../../src/connection/index.ts';
import type { Connection } from '../../src/connection/types.ts';
import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { startCluster, startSentinel, startServer } from '../support/servers.ts';
import { codeOf, connected, failureOf, libraries, next, text, soon } from './targets.ts';

/** Counts how often a command arrived, and notes the order of those that were new. */
const arrive = script(
  'arrive',
  `if redis.call('HINCRBY', KEYS[1], ARGV[1], 1) == 1 then redis.call('RPUSH', KEYS[2], ARGV[1]) end return ARGV[1]`,
);

/** Sends numbers in order, each again after a loss, until all have arrived. Answers how often each was sent. */
async function deliver(
  connection: Connection,
  tag: string,
  numbers: number,
  pace: () => Promise<unknown>,
): Promise<number[]> {
  const sends = new Array<number>(numbers).fill(0);
  const send = async (n: number): Promise<void> => {
    for (;;) {
      sends[n]!++;
      try {
        await connection.run(arrive, [`{${tag}}counts`, `{${tag}}order`], [String(n)]);
        return;
      } catch (error) {
        if (codeOf(error) !== 'CONNECTION_LOST') throw error;
      }
    }
  };
  const all: Promise<void>[] = [];
  for (let n = 0; n < numbers; n++) {
    all.push(send(n));
    if (n % 10 === 9) await pace();
  }
  await Promise.all(all);
  return sends;
}

async function arrivals(connection: Connection, tag: string): Promise<Map<number, number>> {
  const reply = (await connection.command(`{${tag}}`, ['HGETALL', `{${tag}}counts`])) as Buffer[];
  const found = new Map<number, number>();
  for (let i = 0; i < reply.length; i += 2)
    found.set(Number(text(reply[i])), Number(text(reply[i + 1])));
  return found;
}

async function order(connection: Connection, tag: string): Promise<number[]> {
  const reply = (await connection.command(`{${tag}}`, [
    'LRANGE',
    `{${tag}}order`,
    '0',
    '-1',
  ])) as Buffer[];
  return reply.map((one) => Number(text(one)));
}

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(libraries)('%s', (library) => {
  test('a server is killed and comes back: what flew is lost, what came meanwhile waits', async () => {
    const server = await opened(startServer());
    const connection = connected({ url: server.url, library });
    await connection.ready();
    const events: string[] = [];
    connection.on(({ type }) => events.push(type));
    const heard: string[] = [];
    await connection.subscribe('channel', (payload) => heard.push(text(payload)));
    const flying = failureOf(connection.command(undefined, ['DEBUG', 'SLEEP', '60']));
    const down = next(connection, 'down');
    await server.kill('SIGKILL');
    expect(await flying).toMatchObject({ code: 'CONNECTION_LOST' });
    await down;
    const waiting = Array.from({ length: 5 }, (_, i) =>
      connection.command('list', ['RPUSH', 'list', String(i)]),
    );
    const up = next(connection, 'up');
    await server.restart();
    await up;
    expect(await Promise.all(waiting)).toEqual([1, 2, 3, 4, 5]);
    expect(events).toEqual(['down', 'up']);
    expect(await connection.command(undefined, ['PUBLISH', 'channel', 'again'])).toBe(1);
    await soon(() => expect(heard).toEqual(['again']));
  });

  test('connections are cut again and again: nothing is sent twice by itself', async () => {
    const server = await opened(startServer());
    const proxy = await opened(startProxy({ target: server.port }));
    const connection = connected({ url: proxy.url, library });
    const direct = connected({ url: server.url, library });
    let pulses = 0;
    // Until a cut has met something under way.
    for (let round = 0, repeated = 1; repeated < 2; round++) {
      const key = `cut ${String(round)}`;
      const sends = await deliver(connection, key, 2000, async () => {
        await tick(1);
        if (++pulses % 20 === 0) proxy.cut();
      });
      const found = await arrivals(direct, key);
      expect(found.size).toBe(2000);
      const tooMany = [...found].filter(([n, times]) => times > sends[n]!);
      expect(tooMany).toEqual([]);
      repeated = Math.max(...sends);
    }
  });

  test('killed clients come back, and listen again before they say so', async () => {
    const server = await opened(startServer());
    const connection = connected({ url: server.url, library });
    const heard: string[] = [];
    await connection.subscribe('news', (payload) => heard.push(text(payload)));
    for (let round = 0; round < 3; round++) {
      const up = next(connection, 'up');
      await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await server.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await up;
      expect(await server.call('PUBLISH', 'news', String(round))).toBe(1);
    }
    await soon(() => expect(heard).toEqual(['0', '1', '2']));
  });

  test('a connection that is open and dead is made anew by a reset', async () => {
    const server = await opened(startServer());
    const proxy = await opened(startProxy({ target: server.port }));
    const connection = connected({ url: proxy.url, library });
    await connection.ready();
    proxy.stall();
    const stuck = failureOf(connection.command(undefined, ['PING']));
    connection.reset();
    expect(await stuck).toMatchObject({ code: 'CONNECTION_LOST' });
    const waiting = connection.command(undefined, ['PING']);
    proxy.stall(false);
    expect(text(await waiting)).toBe('PONG');
  });

  test('a server that is full refuses, one that turns replica is waited for', async () => {
    const [server, other] = await Promise.all([
      opened(startServer({ maxmemory: '3mb' })),
      opened(startServer()),
    ]);
    const connection = connected({ url: server.url, library });
    const big = Buffer.alloc(4_000_000);
    await failureOf(connection.command('big', ['SET', 'big', big]));
    const store = script('store', `redis.call('SET', KEYS[1], ARGV[1])`);
    await server.call('CONFIG', 'SET', 'maxmemory', '1');
    expect(await failureOf(connection.run(store, ['key'], ['x']))).toMatchObject({
      code: 'SERVER_OUT_OF_MEMORY',
    });
    await server.call('CONFIG', 'SET', 'maxmemory', '0');

    await server.call('REPLICAOF', other.host, other.port);
    const down = next(connection, 'down');
    const stored = connection.run(store, ['key'], ['y']);
    await down;
    await server.call('REPLICAOF', 'NO', 'ONE');
    await stored;
    expect(text(await connection.command('key', ['GET', 'key']))).toBe('y');
  });

  test('a slot moves and moves back: the order is kept, and messages go on', async () => {
    const cluster = await opened(startCluster());
    const connection = connected({ cluster: cluster.urls, library });
    const channel = '{moving}news';
    const heard: string[] = [];
    await connection.subscribe(channel, (payload) => heard.push(text(payload)));
    expect(connection.publish).toBe('SPUBLISH');
    const from = await cluster.ownerOf('{moving}');
    const to = cluster.masters.find((one) => one !== from)!;
    const slot = Number(await to.call('CLUSTER', 'KEYSLOT', '{moving}'));
    const moving = { on: true };
    const moves = (async () => {
      for (const target of [to, from, to]) await cluster.moveSlot(slot, target);
      moving.on = false;
    })();
    let sent = 0;
    const done: Promise<unknown>[] = [];
    while (moving.on || sent < 1000) {
      for (let i = 0; i < 20; i++)
        done.push(connection.run(arrive, ['{moving}counts', '{moving}order'], [String(sent++)]));
      await tick(5);
    }
    await moves;
    await Promise.all(done);
    expect(await order(connection, 'moving')).toEqual(Array.from({ length: sent }, (_, i) => i));
    await soon(async () => {
      expect(await to.call('SPUBLISH', channel, 'there')).toBe(1);
      expect(heard).toContain('there');
    });
  });

  test('a master of a cluster dies and its replica takes over', async () => {
    const cluster = await opened(startCluster({ replicas: 1, nodeTimeout: 1000 }));
    const connection = connected({ cluster: cluster.urls, library });
    const heard: string[] = [];
    await connection.subscribe('{dying}news', (payload) => heard.push(text(payload)));
    await connection.run(arrive, ['{dying}counts', '{dying}order'], ['0']);
    const master = await cluster.ownerOf('{dying}');
    const down = next(connection, 'down');
    await master.kill('SIGKILL');
    await down;
    const up = next(connection, 'up');
    const sends = await deliver(connection, 'dying', 100, async () => {});
    expect(sends).toHaveLength(100);
    await up;
    const owner = await cluster.ownerOf('{dying}');
    expect(owner).not.toBe(master);
    expect(await owner.call('SPUBLISH', '{dying}news', 'x')).toBe(1);
    await soon(() => expect(heard).toEqual(['x']));
  });

  test('sentinels name another master', async () => {
    const set = await opened(startSentinel());
    const sentinels = set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port }));
    const connection = connected({ sentinel: { name: set.masterName, sentinels }, library });
    const heard: string[] = [];
    await connection.subscribe('news', (payload) => heard.push(text(payload)));
    await deliver(connection, 'a', 10, async () => {});
    const { to } = await set.handOver();
    await deliver(connection, 'a', 20, async () => {});
    expect((await arrivals(connection, 'a')).size).toBe(20);
    const up = next(connection, 'up');
    const second = await set.killMaster();
    expect(second.from).toBe(to);
    await up;
    await deliver(connection, 'b', 20, async () => {});
    expect(await second.to.call('HLEN', '{b}counts')).toBe(20);
    expect(await second.to.call('PUBLISH', 'news', 'x')).toBe(1);
    await soon(() => expect(heard).toEqual(['x']));
  });
});
