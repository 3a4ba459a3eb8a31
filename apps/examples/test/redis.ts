import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { createClient } from 'redis';

/**
 * `$1` is the server's folder, the others are its arguments. The server is the one that other tests take. The end of stdin,
 * which this process brings about however it dies, is the end of the server and its folder.
 */
const KEEPER = `
trap '' INT TERM HUP
folder=$1
shift
program=\${MILLRACE_REDIS_SERVERS%%:*}
[ -n "$program" ] || program=$(command -v redis-server || command -v valkey-server)
"$program" "$@" </dev/null &
server=$!
read -r _
kill -KILL "$server" 2>/dev/null
wait "$server" 2>/dev/null
rm -rf "$folder"`;

export interface RedisServer {
  readonly url: string;
  /** What is in it. */
  keys(): Promise<string[]>;
  /** Takes out what is in it. */
  clear(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real server on a port of its own, with nothing in it. It writes nothing to disk. */
export async function startRedis(): Promise<RedisServer> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const [stop, serving] = launch(port);
    if (await serving) return connected(`redis://127.0.0.1:${String(port)}`, stop);
    await stop();
    if (tries === 5) throw new Error('redis-server does not start');
  }
}

function launch(port: number): [stop: () => Promise<void>, serving: Promise<boolean>] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-examples-redis-'));
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  // Not in our process group, whose end it has to see.
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', folder, ...options], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const gone = once(keeper, 'exit');
  const serving = new Promise<boolean>((resolve) => {
    let said = '';
    keeper.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Ready to accept connections')) resolve(true);
      else if (/already in use/i.test(said)) resolve(false);
    });
    keeper.stdout.once('end', () => resolve(false));
  });
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await gone;
  };
  return [stop, serving];
}

async function connected(url: string, stop: () => Promise<void>): Promise<RedisServer> {
  const client = createClient({ url });
  await client.connect();
  return {
    url,
    keys: () => client.keys('*'),
    clear: async () => {
      await client.flushAll();
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stop();
    },
  };
}

/** Says to a program where the server is, and to wait for it however busy the machine is. */
export function serverArgs({ url }: RedisServer): string[] {
  return ['--redis-url', url, '--connect-ms', '120000'];
}

/** A port on which nobody listens just now. */
export async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no TCP address');
  return address.port;
}
