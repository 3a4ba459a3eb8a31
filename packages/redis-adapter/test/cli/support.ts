import { type ChildProcess, type ChildProcessWithoutNullStreams, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { IterableQueue, type QueueOptions, type Transport } from '@millrace/core';
import { redis, type RedisConnectOptions } from '../../dist/index.js';
import { afterAll, onTestFinished } from 'vitest';

import { onPath, sharedCluster, sharedServer, type SharedServer } from '../support/servers.ts';

// A command that is started is a process of its own, on a machine that may be busy with others.

const cli = path.join(import.meta.dirname, '../../dist/cli.js');

let shell: ChildProcess | undefined;
let lines = 0;
afterAll(() => void shell?.kill());

/** Runs one command line in a process that is there for all of a file's. */
async function inShell(args: readonly string[], env: Record<string, string>): Promise<Outcome> {
  shell ??= fork(path.join(import.meta.dirname, 'shell.mjs'), { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] }).setMaxListeners(0);
  const at = shell;
  const id = ++lines;
  at.send({ id, args, env });
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the shell ended (${String(code)}) at ${args.join(' ')}`));
    const heard = (message: { id: number; outcome: Outcome }): void => {
      if (message.id !== id) return;
      at.off('message', heard).off('exit', ended);
      resolve(message.outcome);
    };
    at.on('message', heard).on('exit', ended);
  });
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server, or a Cluster, on which a test has a prefix of its own. */
export interface Place {
  readonly url: string;
  readonly prefix: string;
  readonly transport: Transport;
  /** Another process's, as far as the server can tell. */
  another(): Transport;
  open<T>(name: string | undefined, options?: QueueOptions): IterableQueue<T>;
  /** Runs a command as somebody at a shell without a terminal does, who waits for each. */
  run(...args: string[]): Promise<Outcome>;
  /** The same, and reads its JSON. */
  json(...args: string[]): Promise<unknown>;
  start(...args: string[]): Running;
  /** In a terminal. */
  inTerminal(...args: string[]): Running;
  call(...command: string[]): Promise<unknown>;
  keys(): Promise<string[]>;
  /** Resolves when a queue was closed here. Looks by itself: a command is a process, which takes its time. */
  closed(): Promise<void>;
}

let places = 0;

export async function place(
  topology: 'single' | 'cluster' = 'single',
  own?: SharedServer,
): Promise<Place> {
  const prefix = `cli:${String(process.pid)}:${String(++places)}:`;
  const cluster = topology === 'cluster' ? await sharedCluster() : undefined;
  const nodes = cluster?.nodes ?? [own ?? (await sharedServer())];
  const [first] = nodes;
  const url = first!.url;
  const where: RedisConnectOptions = cluster === undefined ? { url } : { cluster: cluster.urls };
  const told = { MILLRACE_REDIS_URL: url };
  const env = { ...process.env, ...told };
  const another = (): Transport => {
    const transport = redis({ ...where, prefix, lease: 60_000 });
    onTestFinished(() => transport.close());
    return transport;
  };
  const transport = another();
  const start = (...args: string[]): Running =>
    new Running(spawn(process.execPath, [cli, '--prefix', prefix, ...args], { env }));
  const run = (...args: string[]): Promise<Outcome> => inShell(['--prefix', prefix, ...args], told);
  return {
    ...{ url, prefix, transport, another, run, start },
    open: (name, options) =>
      new IterableQueue({ transport, ...(name === undefined ? {} : { name }), ...options }),
    json: async (...args) => JSON.parse((await run('--json', ...args)).stdout) as unknown,
    inTerminal: (...args) => {
      const command = [process.execPath, cli, '--prefix', prefix, ...args]
        .map((each) => `'${each}'`)
        .join(' ');
      return new Running(spawn('script', ['-qec', command, '/dev/null'], { env }));
    },
    call: (...command) => first!.call(...command),
    keys: async () => {
      const all = await Promise.all(nodes.map((node) => node.call('KEYS', `${prefix}*`)));
      return (all as string[][]).flat();
    },
    closed: async () => {
      const look = `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
        local state = redis.call('TYPE', key).ok == 'hash' and redis.call('HGET', key, 'state')
        if state and cmsgpack.unpack(state).closed == 1 then return 1 end
      end
      return 0`;
      const isClosed = async (): Promise<boolean> =>
        (await Promise.all(nodes.map((node) => node.call('EVAL', look, 0, `${prefix}*`)))).includes(
          1,
        );
      while (!(await isClosed()));
    },
  };
}

export const hasTerminals = process.platform === 'linux' && onPath('script') !== undefined;

/** A command under way. */
export class Running {
  readonly process: ChildProcessWithoutNullStreams;
  stdout = '';
  private stderr = '';
  private readonly closed: Promise<unknown>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.process = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    this.closed = once(child, 'close');
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  /** Resolves when it has written this. */
  async wrote(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout)) {
      // One that a signal ended has no exit code: waiting for more of it would never let the event loop go on.
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(
          `it ended without writing ${String(pattern)}: ${this.stdout}${this.stderr}`,
        );
      await Promise.race([once(this.process.stdout, 'data'), this.closed]);
    }
  }

  async ended(): Promise<Outcome> {
    await this.closed;
    return { code: this.process.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** A queue with these values as its dead letters. */
export async function withLetters(
  at: Place,
  name: string,
  values: readonly unknown[],
): Promise<IterableQueue<unknown>> {
  const queue = at.open<unknown>(name);
  const producer = queue.producer();
  const consumer = queue.consumer();
  await producer.putMany([...values]);
  const deliveries = consumer.deliveries();
  for (let n = 0; n < values.length; n++) {
    const { value } = await deliveries.next();
    value?.reject(new RangeError(`cannot take number ${String(n)}`));
  }
  await deliveries.return?.();
  await consumer.close();
  await producer.close();
  return queue;
}
