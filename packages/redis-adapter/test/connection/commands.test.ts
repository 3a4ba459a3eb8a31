import { describe, expect, test } from 'vitest';

import { script } from '../../src/connection/index.ts';
import { sharedCluster, sharedServer } from '../support/servers.ts';
import { connected, failureOf, libraries, text, type ConnectOptions, soon } from './targets.ts';

const topologies: readonly { topology: string; where: () => Promise<ConnectOptions> }[] = [
  { topology: 'single', where: async () => ({ url: (await sharedServer()).url }) },
  { topology: 'cluster', where: async () => ({ cluster: (await sharedCluster()).urls }) },
];
const targets = libraries.flatMap((library) => topologies.map((one) => ({ ...one, library })));

const push = script(
  'push',
  `redis.call('RPUSH', KEYS[1], ARGV[1]) return redis.call('LLEN', KEYS[1])`,
);
const echo = script(
  'echo',
  `return { ARGV[1], #ARGV[2], false, { 1, redis.status_reply('FINE') } }`,
);

let names = 0;
const key = (): string => `{commands-${process.pid}-${names++}}`;

describe.each(targets)('$library, $topology', ({ library, where }) => {
  const open = async () => connected({ ...(await where()), library });

  test('replies are bytes, numbers, nothing and lists', async () => {
    const connection = await open();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const reply = await connection.run(echo, [key()], [bytes, 'zwölf']);
    expect(reply).toEqual([Buffer.from(bytes), 6, null, [1, Buffer.from('FINE')]]);
    expect(await connection.command(undefined, ['PING'])).toEqual(Buffer.from('PONG'));
    const stored = key();
    await connection.command(stored, ['SET', stored, bytes.subarray(3, 7)]);
    expect(await connection.command(stored, ['GET', stored])).toEqual(Buffer.from([3, 4, 5, 6]));
  });

  test('scripts arrive in the order of the calls, also before the connection is there', async () => {
    const connection = await open();
    const keys = [key(), key(), key()];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, i) => connection.run(push, [keys[i % 3]!], [String(i)])),
    );
    expect(replies).toEqual(Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) + 1));
    for (const [i, one] of keys.entries()) {
      const list = (await connection.command(one, ['LRANGE', one, '0', '-1'])) as Buffer[];
      expect(list.map(text)).toEqual(Array.from({ length: 100 }, (_, n) => String(n * 3 + i)));
    }
  });

  test('a script that the server has forgotten is loaded again, and the order is kept', async () => {
    const connection = await open();
    const list = key();
    await connection.run(push, [list], ['0']);
    const sent: Promise<unknown>[] = [];
    for (let i = 1; i < 200; i++) {
      sent.push(connection.run(push, [list], [String(i)]));
      if (i % 50 === 0) sent.push(connection.command(list, ['SCRIPT', 'FLUSH']));
    }
    await Promise.all(sent);
    const all = (await connection.command(list, ['LRANGE', list, '0', '-1'])) as Buffer[];
    expect(all.map(text)).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test('messages reach who listens, and nobody after that', async () => {
    const connection = await open();
    await connection.ready();
    const channel = `${key()} a:channel`;
    const heard: string[] = [];
    const first = await connection.subscribe(channel, (payload) =>
      heard.push(`1 ${text(payload)}`),
    );
    const second = await connection.subscribe(channel, (payload) =>
      heard.push(`2 ${text(payload)}`),
    );
    await connection.command(channel, [connection.publish, channel, 'a']);
    await soon(() => expect(heard).toEqual(['1 a', '2 a']));
    await first.unsubscribe();
    await connection.command(channel, [connection.publish, channel, 'b']);
    await soon(() => expect(heard).toEqual(['1 a', '2 a', '2 b']));
    await second.unsubscribe();
    expect(await connection.command(channel, [connection.publish, channel, 'c'])).toBe(0);
  });

  test('a blocking command waits on a connection of its own, and can be cut off', async () => {
    const connection = await open();
    const list = key();
    const stop = new AbortController();
    const popped = connection.blocking(list, ['BLPOP', list, '0'], stop.signal);
    const another = key();
    const idle = connection.blocking(another, ['BLPOP', another, '0'], stop.signal);
    idle.catch(() => {});
    await connection.command(list, ['RPUSH', list, 'x']);
    expect(await popped).toEqual([Buffer.from(list), Buffer.from('x')]);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await failureOf(idle)).toBe(reason);
    // The one that was cut off takes nothing any more.
    expect(await connection.command(another, ['RPUSH', another, 'y'])).toBe(1);
    expect(
      await connection.blocking(another, ['BLPOP', another, '0'], new AbortController().signal),
    ).toEqual([Buffer.from(another), Buffer.from('y')]);
  });

  test('errors of the server have codes, and say where', async () => {
    const connection = await open();
    const one = key();
    await connection.command(one, ['SET', one, 'text']);
    const mismatch = await failureOf(connection.run(push, [one], ['x']));
    expect(mismatch).toMatchObject({
      code: 'KEY_TYPE_MISMATCH',
      details: { keys: [{ key: one, type: 'string' }] },
    });
    expect(mismatch.message).toContain(`'${one}' is a string`);
    const wrong = script('wrong', `return redis.call('NO-SUCH-COMMAND')`);
    const refused = await failureOf(connection.run(wrong, [one], []));
    expect(refused).toMatchObject({ code: 'COMMAND_FAILED' });
    expect(refused.message).toContain('the script wrong');
    expect(await failureOf(connection.command(one, ['INCR', one]))).toMatchObject({
      code: 'COMMAND_FAILED',
    });
    expect(text(await connection.command(one, ['GET', one]))).toBe('text');
  });

  test('closing settles everything', async () => {
    const connection = await open();
    await connection.ready();
    const list = key();
    const before = Promise.all(
      [
        connection.blocking(list, ['BLPOP', list, '0'], new AbortController().signal),
        connection.command(list, ['DEBUG', 'SLEEP', '0.2']),
      ].map(failureOf),
    );
    await connection.close();
    const after = [
      connection.command(list, ['PING']),
      connection.subscribe(list, () => {}),
      connection.run(echo, [list], []),
    ];
    for (const error of [...(await Promise.all(after.map(failureOf))), ...(await before)]) {
      expect(error).toMatchObject({ code: 'TRANSPORT_CLOSED' });
    }
    await connection.close();
  });
});
