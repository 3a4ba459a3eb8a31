import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { opened } from '../support/open.ts';
import { listening, tooOld } from '../support/pretender.ts';
import { sharedCluster, sharedServer, startServer } from '../support/servers.ts';
import { codeOf, connected, failureOf, libraries } from './targets.ts';
import type { ConnectOptions } from '../../src/connection/types.ts';

// What a connection makes of an answer is not to depend on how long its library takes to load.
beforeAll(() => Promise.all([import('redis'), import('ioredis')]));

/** What a server that answers may take, in ms; whoever waits for less is told so before. */
const PLENTY = 60_000;
/** Enough for one try, in ms, where only the end of the time-out says that there is no more to wait for. */
const ONE_TRY = 3000;


/** Nothing of ours, printed in any way, shows the password. */
function hides(secret: string, ...things: unknown[]): void {
  for (const thing of things) {
    const error = thing instanceof Error ? thing : undefined;
    const prints = [
      inspect(thing, { depth: Infinity, showHidden: true, getters: true }),
      String(thing),
      JSON.stringify(thing),
      JSON.stringify(error?.cause),
      error?.stack,
      String(error?.cause),
      inspect(error?.cause, { depth: Infinity, showHidden: true }),
    ];
    for (const print of prints) expect(print ?? '').not.toContain(secret);
  }
}

describe.each(libraries)('%s', (library) => {
  const refusal = async (options: ConnectOptions) => {
    const { connectTimeout = PLENTY } = options;
    const connection = connected({ ...options, connectTimeout, library });
    let overdue = false;
    const late = setTimeout(() => (overdue = true), connectTimeout + 500);
    const command = failureOf(connection.command('key', ['GET', 'key']));
    const error = await failureOf(connection.ready());
    // On a busy machine both timers may be late, but not this one before the other.
    expect(overdue).toBe(false);
    clearTimeout(late);
    // Whatever is asked for says the same.
    expect(await command).toBe(error);
    expect(await failureOf(connection.command('key', ['GET', 'key']))).toBe(error);
    expect(await failureOf(connection.subscribe('channel', () => {}))).toBe(error);
    hides('s3cret-word', error, connection);
    return error;
  };

  test('nothing listens there', async () => {
    const server = net.createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const connectTimeout = ONE_TRY;
    const [error, cluster, sentinel] = await Promise.all([
      refusal({ url: `redis://:s3cret-word@127.0.0.1:${port}`, connectTimeout }),
      refusal({ cluster: [`redis://:s3cret-word@127.0.0.1:${port}`], connectTimeout }),
      refusal({
        sentinel: { name: 'main', sentinels: [{ host: '127.0.0.1', port }] },
        password: 's3cret-word',
        connectTimeout,
      }),
    ]);
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'refused', server: `127.0.0.1:${port}` },
    });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(cluster).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'refused' } });
    expect(sentinel).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'refused' } });
  });

  test('the host has no such name', async () => {
    const error = await refusal({ url: 'redis://nowhere.invalid:6379', connectTimeout: 1000 });
    expect(error.code).toBe('CONNECTION_FAILED');
  });

  test('a wrong password, a wrong user, none at all, and one who may not', async () => {
    const server = await opened(startServer({ password: 'right' }));
    await server.call(
      'ACL',
      'SETUSER',
      'guest',
      'on',
      '>s3cret-word',
      '~allowed*',
      '&*',
      '+@all',
      '-flushall',
    );
    const at = `127.0.0.1:${server.port}`;
    for (const url of [
      `redis://:s3cret-word@${at}`,
      `redis://nobody:s3cret-word@${at}`,
      `redis://${at}`,
    ]) {
      expect((await refusal({ url })).code).toBe('AUTH_FAILED');
    }
    const guest = connected({ url: `redis://guest:s3cret-word@${at}`, library });
    await guest.command('allowed', ['SET', 'allowed', '1']);
    const denied = await failureOf(guest.command('other', ['SET', 'other', '1']));
    expect(denied.code).toBe('AUTH_FAILED');
    expect((await failureOf(guest.command(undefined, ['FLUSHALL']))).code).toBe('AUTH_FAILED');
    hides('s3cret-word', guest, denied, guest.options);
    // It is there for those who need it.
    expect(structuredClone(guest.options)).toMatchObject({
      url: `redis://guest:s3cret-word@${at}`,
    });
  });

  test('a password where none is wanted', async () => {
    const server = await sharedServer();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const connection = connected({
      url: server.url,
      password: 's3cret-word',
      library,
      connectTimeout: PLENTY,
    });
    const outcome = await connection.ready().then(() => 'connected', codeOf);
    expect(['connected', 'AUTH_FAILED']).toContain(outcome);
    hides('s3cret-word', connection, ...warn.mock.calls);
    warn.mockRestore();
  });

  test('a server that is too old', async () => {
    const old = tooOld('5.0.14');
    const error = await refusal({ url: `redis://:s3cret-word@127.0.0.1:${await listening(old)}` });
    expect(error).toMatchObject({ code: 'SERVER_TOO_OLD', details: { version: '5.0.14' } });
    expect(error.message).toContain('6.2');
  });

  test('what is there is no Redis server', async () => {
    const web = http.createServer((_, response) => response.end('hello'));
    const silent = net.createServer((socket) => void socket.on('error', () => {}));
    const [webPort, silentPort] = await Promise.all([listening(web), listening(silent)]);
    const connectTimeout = ONE_TRY;
    const [error, mute, plain] = await Promise.all([
      refusal({ url: `redis://:s3cret-word@127.0.0.1:${webPort}`, connectTimeout }),
      refusal({ url: `redis://127.0.0.1:${silentPort}`, connectTimeout }),
      refusal({ url: `rediss://127.0.0.1:${(await sharedServer()).port}`, connectTimeout }),
    ]);
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(mute).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'timeout' } });
    expect(plain.code).toBe('CONNECTION_FAILED');
    expect(plain.message).toContain('TLS');
  });

  test('a replica', async () => {
    const [master, replica] = await Promise.all([opened(startServer()), opened(startServer())]);
    await replica.call('REPLICAOF', master.host, master.port);
    const error = await refusal({ url: replica.url });
    // As long as it has not heard of its master it says that too.
    expect(error.code).toBe('SERVER_READ_ONLY');
  });

  test('a node of a Cluster as a single server, and the other way round', async () => {
    const [node] = (await sharedCluster()).nodes;
    expect(await refusal({ url: node!.url })).toMatchObject({
      code: 'BAD_OPTION',
      details: { option: 'url' },
    });
    expect(await refusal({ cluster: [(await sharedServer()).url] })).toMatchObject({
      code: 'BAD_OPTION',
      details: { option: 'cluster' },
    });
  });

  test('a database that is not there', async () => {
    const { url } = await sharedServer();
    const error = await refusal({ url: `${url}/4711`, connectTimeout: ONE_TRY });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
  });
});

test('options that cannot be right fail at once', () => {
  for (const options of [
    {},
    { url: 'redis://localhost', cluster: ['redis://localhost'] },
    { url: 's3cret-word@localhost' },
    { url: 'http://localhost' },
    { url: 'redis://localhost/name' },
    { cluster: [] },
    { cluster: ['redis://localhost/3'] },
    { url: 'redis://localhost', connectTimeout: 0 },
    { client: {} },
  ]) {
    let caught: unknown;
    try {
      connected(options);
    } catch (error) {
      caught = error;
    }
    expect(caught, JSON.stringify(options)).toMatchObject({ code: 'BAD_OPTION' });
    hides('s3cret-word', caught);
  }
});
