import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { opened } from './open.ts';
import { faultKinds, rhythm, startProxy, type TcpProxy } from './proxy.ts';
import { sharedServer } from './servers.ts';

test('bytes pass unaltered and in order, however they are delayed', async () => {
  const { proxy, client } = await toEcho();
  const sent = Buffer.from(
    Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255),
  );
  const back = received(client, sent.length);
  proxy.delay(2, { jitter: 10 });
  for (let at = 0; at < sent.length; at += 70_001) client.write(sent.subarray(at, at + 70_001));
  expect((await back).equals(sent)).toBe(true);
});

test('what is delayed comes that much later', async () => {
  const { proxy, client } = await toEcho();
  proxy.delay(40);
  const began = performance.now();
  await echoed(client, 'slow');
  expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  proxy.delay(0);
  await echoed(client, 'fast again');
});

test('cut resets both sides of every connection, and new ones are accepted', async () => {
  const { proxy, client, echo } = await toEcho();
  await echoed(client, 'before');
  const [inside] = echo.sockets;
  const ends = [closed(client), closed(inside!)];
  expect(proxy.cut()).toBe(1);
  expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET']);
  await echoed(await connect(proxy.port), 'after');
  expect([proxy.accepted, proxy.connections]).toEqual([2, 1]);
});

test('while it refuses nobody new gets in, but those inside go on', async () => {
  const { proxy, client } = await toEcho();
  await proxy.refuse();
  await expect(connect(proxy.port)).rejects.toThrow('ECONNREFUSED');
  await echoed(client, 'still here');
  await proxy.resume();
  await echoed(await connect(proxy.port), 'open again');
});

test('a server that is not there refuses through the proxy too', async () => {
  const { proxy, echo } = await toEcho();
  await echo.close();
  const client = await connect(proxy.port);
  expect(await closed(client)).toBe('ECONNRESET');
  expect(proxy.connections).toBe(0);
});

test('stalled, nothing passes, in one direction or both; then all of it does', async () => {
  const { proxy, client, echo } = await toEcho();
  for (const direction of ['up', 'down', 'both'] as const) {
    proxy.stall(true, direction);
    const back = received(client, 4);
    const passed = echo.bytes;
    client.write('wait');
    // A second way past the same proxy shows that time for the bytes to pass has gone by.
    await echoed(await connect(echo.port), 'around it');
    if (direction === 'down') await echo.reaches(passed + 'around it'.length + 4);
    expect([proxy.connections, client.bytesRead % 4]).toEqual([1, 0]);
    expect(echo.bytes).toBe(passed + 'around it'.length + (direction === 'down' ? 4 : 0));
    proxy.stall(false);
    expect(String(await back)).toBe('wait');
  }
});

test('a stalled proxy accepts, and makes a sender wait instead of hoarding what it sends', async () => {
  const { proxy, echo } = await toEcho();
  proxy.stall();
  const client = await connect(proxy.port);
  const sent = Buffer.alloc(64 << 20, 7);
  const back = received(client, sent.length);
  client.write(sent);
  await echoed(await connect(echo.port), 'around it');
  expect(client.writableLength).toBeGreaterThan(0);
  await proxy.resume();
  expect((await back).equals(sent)).toBe(true);
});

test('half closed, one side has the end and the other goes on', async () => {
  const { proxy, client, echo } = await toEcho();
  await echoed(client, 'before');
  const ended = once(client, 'end');
  proxy.halfClose('client');
  await ended;
  const before = echo.bytes;
  client.write('more');
  await echo.reaches(before + 4);

  const other = await connect(proxy.port);
  await echoed(other, 'before');
  const inside = echo.sockets.at(-1)!;
  const insideEnded = once(inside, 'end');
  proxy.halfClose('server');
  await insideEnded;
});

test('an end is passed on behind what was sent before it', async () => {
  const { proxy, client } = await toEcho();
  proxy.delay(20);
  const back = received(client, 5);
  client.end('bytes');
  expect(String(await back)).toBe('bytes');
  expect(await closed(client)).toBe(undefined);
  expect(proxy.connections).toBe(0);
});

test('the same seed gives the same faults, each kind among them', () => {
  const some = (seed: number) => {
    const faults = rhythm(100, seed);
    return Array.from({ length: 200 }, () => faults.next().value);
  };
  expect(some(7)).toEqual(some(7));
  expect(some(7)).not.toEqual(some(8));
  expect(new Set(some(7).map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  const mean = some(7).reduce((sum, { after }) => sum + after, 0) / 200;
  expect(mean).toBeGreaterThan(85);
  expect(mean).toBeLessThan(115);
});

test('a rhythm strikes until it is stopped, and then all is as before', async () => {
  const { proxy, client } = await toEcho();
  const beat = proxy.every(5, 3, ['delay', 'stall']);
  while (beat.done.length < 5) await echoed(client, 'through it');
  await beat.stop();
  const { length } = beat.done;
  await echoed(client, 'calm');
  expect(beat.done.length).toBe(length);
  expect(beat.done.map(({ kind, after }) => ({ kind, after }))).toEqual(expected(3, length));
});

test('a Redis server answers through it, and its client sees the cut', async () => {
  const server = await sharedServer();
  const proxy = await opened(startProxy({ target: server.port }));
  const { clientOf, serversAtHand } = await import('./servers.ts');
  const { execFile, spawn } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const cli = clientOf(serversAtHand()[0]!);
  const args = ['-p', String(proxy.port)];
  const { stdout } = await promisify(execFile)(cli, [...args, 'ECHO', 'hello']);
  expect(stdout).toBe('hello\n');

  const waiting = spawn(cli, [...args, 'BLPOP', 'support-proxy-nothing', '0'], { stdio: 'pipe' });
  onTestFinished(() => void waiting.kill('SIGKILL'));
  let said = '';
  waiting.stdout.on('data', (text) => (said += String(text)));
  waiting.stderr.on('data', (text) => (said += String(text)));
  const blocked = async () => String(await server.call('CLIENT', 'LIST')).includes('cmd=blpop');
  while (!(await blocked()));
  const over = once(waiting, 'exit');
  proxy.cut();
  await over;
  expect(said).toMatch(/closed|reset/i);
  // The server has noticed, too.
  while (await blocked());
});

function expected(seed: number, count: number): unknown[] {
  const faults = rhythm(5, seed, ['delay', 'stall']);
  return Array.from({ length: count }, () => {
    const { kind, after } = faults.next().value;
    return { kind, after };
  });
}

interface Echo {
  readonly port: number;
  readonly sockets: readonly Socket[];
  /** How many have come in over all connections. */
  readonly bytes: number;
  /** Resolves when that many have. */
  reaches(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A server that sends back what it is sent, and the end behind it. */
async function startEcho(): Promise<Echo> {
  const sockets: Socket[] = [];
  const lookers = new Set<() => void>();
  let bytes = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      for (const look of lookers) look();
    });
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no TCP address');
  return {
    port: address.port,
    sockets,
    get bytes() {
      return bytes;
    },
    reaches: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (bytes < count) return;
          lookers.delete(look);
          resolve();
        };
        lookers.add(look);
        look();
      }),
    close,
  };
}

async function toEcho(): Promise<{ echo: Echo; proxy: TcpProxy; client: Socket }> {
  const echo = await startEcho();
  const proxy = await opened(startProxy({ target: echo.port }));
  const client = await connect(proxy.port);
  return { echo, proxy, client };
}

async function connect(port: number): Promise<Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

/** Resolves once the socket is closed, with the code of the error that closed it, if one did. */
function closed(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('close', () => resolve(code));
  });
}

/** The next so many bytes. */
function received(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let got = 0;
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got < count) return;
      socket.off('data', take).off('close', fail);
      resolve(Buffer.concat(chunks));
    };
    const fail = () => reject(new Error(`closed after ${got} bytes`));
    socket.on('data', take).once('close', fail);
  });
}

async function echoed(socket: Socket, text: string): Promise<void> {
  const back = received(socket, Buffer.byteLength(text));
  socket.write(text);
  expect(String(await back)).toBe(text);
}
