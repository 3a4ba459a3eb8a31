import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { sharedCluster, sharedServer, startSentinel } from '../support/servers.ts';
import { libraries, soon } from './targets.ts';

/**
 * Runs a program that uses `connect`, and answers what it printed. It has to end by itself: a timer that is left is an
 * error, as is whatever keeps it alive, a rejection that nobody handles, and anything on stderr.
 */
async function runs(program: string, options: object): Promise<string> {
  const entry = new URL('../../dist/testing.js', import.meta.url).href;
  const source = `
    import { connect, script } from ${JSON.stringify(entry)};
    const options = ${JSON.stringify(options)};
    ${program}
    // A socket has a timer until it has closed, which takes as many turns as the system needs: soon, and long before a
    // timer that was forgotten would be due. A busy machine has time for few turns in a second.
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const until = performance.now() + 1000;
    for (let turn = 0; timers() > 0 && (turn < 200 || performance.now() < until); turn++)
      await new Promise((resolve) => setImmediate(resolve));
    console.log('left:', timers());
  `;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', source],
    { timeout: 60_000 },
  );
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n').at(-1)).toBe('left: 0');
  return stdout.trim().split('\n').slice(0, -1).join('\n');
}

const everything = `
  const connection = connect(options);
  await connection.subscribe('{a}channel', () => {});
  await connection.run(script('echo', 'return ARGV[1]'), ['{a}'], ['x']);
  const blocked = connection.blocking('{a}list', ['BLPOP', '{a}list', '0'], new AbortController().signal);
  const flying = connection.command('{a}', ['DEBUG', 'SLEEP', '0.1']);
  const failures = Promise.allSettled([blocked, flying]);
  await new Promise((resolve) => setImmediate(resolve));
  await connection.close();
  console.log((await failures).map(({ reason }) => reason.code).join(' '));
`;

test.each(libraries)('%s: after a close the process ends by itself', async (library) => {
  const targets = [{ url: (await sharedServer()).url }, { cluster: (await sharedCluster()).urls }];
  for (const target of targets) {
    expect(await runs(everything, { ...target, library })).toBe(
      'TRANSPORT_CLOSED TRANSPORT_CLOSED',
    );
  }
  const set = await opened(startSentinel());
  const sentinel = {
    name: set.masterName,
    sentinels: set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port })),
  };
  expect(await runs(everything, { sentinel, library })).toBe('TRANSPORT_CLOSED TRANSPORT_CLOSED');
});

test.each(libraries)('%s: a close at any moment ends what has begun', async (library) => {
  const proxy = await opened(startProxy({ target: (await sharedServer()).port }));
  const closing = `
    for (let turns = 0; turns < 20; turns++) {
      const connection = connect(options);
      const waiting = connection.command('a', ['PING']).catch((error) => error.code);
      connection.subscribe('b', () => {}).catch(() => {});
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      await connection.close();
      const code = await waiting;
      if (code !== 'TRANSPORT_CLOSED' && String(code) !== 'PONG') console.log(code);
    }
    console.log('ended');
  `;
  expect(await runs(closing, { url: proxy.url, library })).toBe('ended');
  // The server says nothing at all.
  proxy.stall();
  expect(await runs(closing, { url: proxy.url, library })).toBe('ended');
  proxy.stall(false);
  await soon(() => expect(proxy.connections).toBe(0));
});

test.each(libraries)('%s: failures that nobody asked about disturb nobody', async (library) => {
  const silent = net.createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as net.AddressInfo;
  silent.close();
  onTestFinished(() => void silent.close());
  const program = `
    const connection = connect(options);
    await new Promise((resolve) => connection.on(({ type, error }) => resolve(console.log(type, error.code))));
  `;
  const url = `redis://127.0.0.1:${port}`;
  for (const options of [
    { url },
    { cluster: [url] },
    { sentinel: { name: 'main', sentinels: [url] } },
  ]) {
    expect(await runs(program, { ...options, library, connectTimeout: 300 })).toBe(
      'down CONNECTION_FAILED',
    );
  }
});
