import type { IterableQueue as Queue, QueueOptions, Transport } from '@millrace/core';
import { IterableQueue } from '@millrace/core';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { onTestFinished } from 'vitest';
import { redisLists, type RedisListsOptions } from '../../dist/index.js';
import { pythonWithRedis } from '../support/python.ts';
import type { SharedServer } from '../support/servers.ts';

export const python = pythonWithRedis();

/** A transport that is closed after the test. */
export function lists(
  server: { readonly url: string },
  options: Partial<RedisListsOptions> = {},
): Transport {
  const transport = redisLists({ url: server.url, lease: 60_000, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

let keys = 0;

/** A list that no other test has; a table and a dish. */
export function freshKey(what = 'dish'): string {
  return `test-${String(process.pid)}-${String(++keys)}:${what}`;
}

export function open<T>(transport: Transport, name: string, options: QueueOptions = {}): Queue<T> {
  return new IterableQueue<T>({ ...options, transport, name });
}

function run(file: string, program: string, args: readonly (string | number)[]): ChildProcess {
  const child = spawn(
    file,
    [path.join(import.meta.dirname, 'programs', program), ...args.map(String)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the program ended with ${String(code)}`);
}

async function lines(child: ChildProcess): Promise<unknown[]> {
  const got: unknown[] = [];
  for await (const line of readline.createInterface({ input: child.stdout! }))
    got.push(JSON.parse(line));
  return got;
}

/** A Python program pushes these. */
export async function pythonPushes(
  server: SharedServer,
  key: string,
  values: readonly unknown[],
  side = 'left',
): Promise<void> {
  const child = run(python!, 'cooker.py', [server.port, key, side]);
  child.stdin!.end(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  await ended(child);
}

/** A Python program pops as many, and waits for them. */
export function pythonPops(
  server: SharedServer,
  key: string,
  count: number,
  side = 'left',
): Promise<unknown[]> {
  return lines(run(python!, 'customer.py', [server.port, key, side, count]));
}

export async function pythonCounts(
  server: SharedServer,
  key: string,
  name: string,
  count: number,
): Promise<void> {
  await ended(run(python!, 'counter.py', [server.port, key, name, count]));
}

interface TakenThere {
  readonly value: unknown;
  readonly attempt: number;
  /** It is the last, and stays in hand. */
  readonly held: boolean;
}

export interface Taker {
  readonly child: ChildProcess;
  readonly taken: AsyncIterator<TakenThere>;
}

/** What it takes next. */
export async function next({ taken }: Taker): Promise<TakenThere> {
  const step = await taken.next();
  if (step.done === true) throw new Error('the taker has ended');
  return step.value;
}

/** A process of ours that takes `most` items, and dies with the last in hand once it is killed. */
export function taker(server: SharedServer, key: string, most: number): Taker {
  const child = run(process.execPath, 'taker.mjs', [server.url, key, most]);
  const input = readline.createInterface({ input: child.stdout! });
  const taken = (async function* (): AsyncGenerator<TakenThere, void> {
    for await (const line of input) yield JSON.parse(line) as TakenThere;
  })();
  return { child, taken };
}

/** Everything beside the list that is there for it. */
export async function keysBeside(server: SharedServer, key: string): Promise<string[]> {
  return (await server.call('KEYS', `*${key}*`)) as string[];
}
