import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

import { isRunning } from './leftovers.ts';
import { opened } from './open.ts';
import {
  call,
  onPath,
  pythonWithRedis,
  serversAtHand,
  ServerRefusal,
  settled,
  sharedServer,
  startServer,
} from './servers.ts';
import { guardedFolder, removeGuarded } from './servers/guard.ts';
import { isFree } from './servers/ports.ts';
import { PortTaken, Run } from './servers/process.ts';

describe.each(serversAtHand())('$name', (binary) => {
  test('a server serves once it is started, and is gone once it is stopped', async () => {
    const server = await opened(startServer({ binary }));
    expect(await server.call('SET', 'key', 'Grüße')).toBe('OK');
    expect(await server.cli('GET', 'key')).toBe('Grüße');
    const info = String(await server.call('INFO', 'server'));
    expect(info).toContain(`${binary.kind}_version:${binary.version.join('.')}`);
    expect(info).toContain(`process_id:${server.pid}`);
    const { pid, port, folder } = server;
    await server.stop();
    await server.stop();
    expect([isRunning(pid), existsSync(folder), await isFree(port)]).toEqual([false, false, true]);
  });

  test('with a password nobody else gets in', async () => {
    const password = 'p "ä\' s#';
    const server = await opened(startServer({ binary, password }));
    expect(await server.call('PING')).toBe('PONG');
    expect(await server.cli('PING')).toBe('PONG');
    expect(server.url).toBe(`redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}`);
    await expect(call({ port: server.port }, 'PING')).rejects.toThrow(/^NOAUTH/);
  });

  test('a killed server comes back on its port, with its data if it appends', async () => {
    const server = await opened(startServer({ binary, appendonly: 'always' }));
    const { port, pid } = server;
    await server.call('SET', 'key', 1);
    await server.restart({
      signal: 'SIGKILL',
      meanwhile: async () => {
        expect([server.alive, isRunning(pid)]).toEqual([false, false]);
        await expect(server.call('PING')).rejects.toThrow('ECONNREFUSED');
      },
    });
    expect([server.port, server.pid === pid]).toEqual([port, false]);
    expect(await server.call('GET', 'key')).toBe('1');
    expect(server.logs().match(/Ready to accept connections/g)).toHaveLength(2);
  });

  test('without appending a restart has lost everything', async () => {
    const server = await opened(startServer({ binary }));
    await server.call('SET', 'key', 1);
    await server.restart();
    expect(await server.call('GET', 'key')).toBe(null);
  });

  test('a stopped process answers when it goes on, and can be killed meanwhile', async () => {
    const server = await opened(startServer({ binary }));
    await server.kill('SIGSTOP');
    const answer = server.call('PING');
    expect(server.alive).toBe(true);
    await server.kill('SIGCONT');
    expect(await answer).toBe('PONG');
    await server.kill('SIGSTOP');
    await server.kill('SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('memory is bounded as told', async () => {
    const server = await opened(startServer({ binary, maxmemory: '3mb' }));
    const value = 'x'.repeat(1 << 20);
    const fill = async () => {
      for (let i = 0; i < 8; i += 1) await server.call('SET', `key-${i}`, value);
    };
    await expect(fill()).rejects.toThrow(ServerRefusal);
    await expect(fill()).rejects.toThrow(/^OOM/);
  });

  test('the shared server is one for all who ask', async () => {
    const [one, other] = [await sharedServer(binary), await sharedServer(binary)];
    expect(one.port).toBe(other.port);
    await one.call('SET', 'support-shared', binary.name);
    expect(await other.call('GET', 'support-shared')).toBe(binary.name);
    expect(await one.call('DEL', 'support-shared')).toBe(1);
    expect(await one.call('INFO', 'server')).toContain(`${binary.kind}_version:`);
  });
});

test('a start that cannot succeed says what the server wrote, and leaves nothing', async () => {
  const config = { 'no-such-directive': 'yes' };
  await expect(startServer({ config })).rejects.toThrow(/no-such-directive/);
});

test('a Python program reaches it, where Python can be had', async () => {
  const python = pythonWithRedis();
  const server = await sharedServer();
  const program = `import redis; redis.Redis(port=${server.port}).set('support-python', 'Grüße')`;
  if (python === undefined) {
    expect(process.getuid?.() === 0 && onPath('apt-get') !== undefined).toBe(false);
    return;
  }
  await promisify(execFile)(python, ['-c', program]);
  expect(await server.call('GETDEL', 'support-python')).toBe('Grüße');
});

test('a server that is stopped while it starts again stays away', async () => {
  const server = await opened(startServer());
  let stopping = Promise.resolve();
  await server.restart({
    meanwhile: async () => {
      setImmediate(() => {
        stopping = server.stop();
      });
    },
  });
  const { pid } = server;
  await stopping;
  expect([server.alive, isRunning(pid), existsSync(server.folder)]).toEqual([false, false, false]);
  await expect(server.restart()).rejects.toThrow('stopped for good');
});

test('servers that are started at once find ports of their own', async () => {
  const servers = await Promise.all(Array.from({ length: 4 }, () => opened(startServer())));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(4);
  expect(await Promise.all(servers.map((server) => server.call('PING')))).toEqual(
    Array.from({ length: 4 }, () => 'PONG'),
  );
});

test('a port that somebody else took first is not insisted on', async () => {
  const server = await opened(startServer());
  const folder = await guardedFolder('second');
  onTestFinished(() => removeGuarded(folder));
  const second = Run.start({
    binary: server.binary,
    folder,
    args: ['--bind', server.host, '--port', String(server.port)],
    ready: /Ready to accept connections/,
    timeout: 60_000,
  });
  await expect(second).rejects.toThrow(PortTaken);
  expect(await server.call('PING')).toBe('PONG');
});

test('a server returns to its port as soon as whoever took it meanwhile is gone', async () => {
  const server = await opened(startServer());
  const other = createServer();
  await server.restart({
    meanwhile: async () => {
      other.listen(server.port, server.host);
      await once(other, 'listening');
      setTimeout(() => other.close(), 200);
    },
  });
  expect(await server.call('PING')).toBe('PONG');
});

describe('when the process that started a server', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'dies by %s, all is gone',
    async (signal) => {
      const { child, pids, folder } = await startElsewhere();
      expect(pids.map(isRunning)).toEqual([true, true]);
      child.kill(signal);
      await allGone(pids, folder);
    },
  );

  test('exits without a word, all is gone', async () => {
    const { child, pids, folder } = await startElsewhere();
    child.stdin!.end('exit\n');
    await allGone(pids, folder);
  });

  test('stops it, nothing is left to wait for and the process ends by itself', async () => {
    const { child, pids, folder } = await startElsewhere();
    child.stdin!.end('stop\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect([...pids.map(isRunning), existsSync(folder)]).toEqual([false, false, false]);
  });
});

/** A process that starts two servers, one of which does not react to any signal but SIGKILL. */
async function startElsewhere(): Promise<{ child: ChildProcess; pids: number[]; folder: string }> {
  const program = `
    import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
    import { startServer } from ${JSON.stringify(path.join(import.meta.dirname, 'servers/server.ts'))};
    const servers = [await startServer(), await startServer()];
    await servers[1].kill('SIGSTOP');
    console.log(JSON.stringify({ pids: servers.map((one) => one.pid), folder: servers[0].folder }));
    for await (const line of createInterface(process.stdin)) {
      if (line === 'exit') process.exit();
      for (const one of servers) await one.stop();
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface(child.stdout)) {
    const { pids, folder } = JSON.parse(line) as { pids: number[]; folder: string };
    return { child, pids, folder: path.dirname(folder) };
  }
  throw new Error('the process ended before it had started its servers');
}

function allGone(pids: number[], folder: string): Promise<true> {
  return settled('nothing is left', async () =>
    pids.some(isRunning) || existsSync(folder) ? undefined : true,
  );
}
