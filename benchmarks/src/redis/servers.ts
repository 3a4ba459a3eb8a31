import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const binary = process.env['MILLRACE_REDIS_SERVERS']?.split(path.delimiter).find((file) => file !== '') ?? 'redis-server';
const NODES = 3;

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  cli(...args: string[]): Promise<string>;
  stop(): void;
}

const running = new Map<ChildProcess, string>();

/** However this process ends, unless it is killed: its servers and their folders go with it. */
process.on('exit', () => {
  for (const child of running.keys()) stop(child);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a server of our own on a free port, with its data in a temporary folder. */
export async function startServer(...settings: string[]): Promise<Server> {
  for (let tries = 0; ; tries++) {
    const port = await freePort();
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));
    const usual = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
    const child = spawn(binary, [...usual, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.set(child, folder);
    if (await serves(child))
      return {
        host: '127.0.0.1',
        port,
        url: `redis://127.0.0.1:${String(port)}`,
        cli: async (...args) => (await run('redis-cli', ['-p', String(port), ...args])).stdout,
        stop: () => {
          stop(child);
        },
      };
    stop(child);
    if (tries === 5) throw new Error(`${binary} did not start.`);
  }
}

export interface Cluster {
  readonly nodes: readonly Server[];
  stop(): void;
}

/** Three masters, which share the slots. */
export async function startCluster(): Promise<Cluster> {
  const nodes: Server[] = [];
  for (let i = 0; i < NODES; i++) nodes.push(await startServer('--cluster-enabled', 'yes'));
  await run('redis-cli', ['--cluster', 'create', ...nodes.map(({ host, port }) => `${host}:${String(port)}`), '--cluster-yes']);
  while ((await Promise.all(nodes.map((node) => node.cli('cluster', 'info')))).some((info) => !info.includes('cluster_state:ok')))
    await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    nodes,
    stop: () => {
      for (const node of nodes) node.stop();
    },
  };
}

function serves(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (text.includes('Ready to accept connections')) resolve(true);
    });
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
  });
}

function stop(child: ChildProcess): void {
  const folder = running.get(child);
  if (folder === undefined) return;
  running.delete(child);
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Below those that the system lends, and so that a Cluster's bus, 10,000 above, has one too. */
function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 12_000);
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(freePort());
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}
