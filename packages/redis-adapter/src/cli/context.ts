import { createInterface } from 'node:readline/promises';
import { MillraceError, type QueueSpec, systemRuntime } from '@millrace/core';
import type { Connection } from '../connection/index.js';
import { listFrom } from '../lists/list.js';
import { otherLayout } from '../queue/layout.js';
import { queueKey } from '../queue/names.js';
import { RedisQueue } from '../queue/redis-queue.js';
import { valuesBy } from '../values.js';
import type { Given } from './args.js';
import { EXIT, Failure } from './failure.js';
import { glance, isStrange, type Seen } from './look.js';
import { atMost, PATIENCE } from './patience.js';
import { many, shown } from './text.js';

/** What every command is given. */
export interface Context {
  readonly given: Given;
  readonly connection: Connection;
  /** Fires at Ctrl-C and the like. */
  readonly signal: AbortSignal;
  /** Writes the command's result: lines for people, an object for scripts. */
  readonly tell: (lines: readonly string[], object: object) => void;
}

/** A queue that was named, and is there. */
export interface Found {
  readonly key: string;
  readonly seen: Seen;
}

/** The queue that the command names. */
export async function find({ given, connection }: Context, at = 0): Promise<Found> {
  const name = given.names[at] ?? '';
  const key = given.byKey ? name : queueKey(given.prefix, name);
  const seen = await glance(connection, key);
  if (seen === undefined) throw noSuchQueue(given, name);
  if (isStrange(seen)) throw otherLayout(seen.name, seen.version);
  return { key, seen };
}

export function noSuchQueue({ byKey, prefix }: Given, name: string): Failure {
  const text = byKey
    ? `There is no queue with the key ${shown(name)}. The command list --json names all keys.`
    : `There is no queue ${shown(name)} with the prefix ${shown(prefix)}. The command list names those that are there; one that belongs to a process is addressed by its key, with --key.`;
  return new Failure('NO_SUCH_QUEUE', EXIT.unknown, text, { queue: name });
}

/** Asks before something is changed; without anybody to ask, it has to have been said beforehand. */
export async function confirm({ given, signal }: Context, question: string): Promise<void> {
  if (given.yes) return;
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY)
    throw new Failure('NEEDS_YES', EXIT.usage, `${question} Nobody can be asked here: say --yes to do it. Nothing was changed.`);
  const terminal = createInterface({ input: stdin, output: stderr });
  const left = new AbortController();
  // The terminal is in raw mode here, so that Ctrl-C comes as a key.
  terminal.once('SIGINT', () => left.abort()).once('close', () => left.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: AbortSignal.any([signal, left.signal]) });
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('NOT_CONFIRMED', EXIT.failed, 'Nothing was changed.');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('INTERRUPTED', EXIT.interrupted, 'Nothing was changed.');
  } finally {
    terminal.close();
  }
}

/** Takes part in a queue, as any program does, for as long as `work` takes: what it does is done by the queue's own rules. */
export async function takingPart<T>({ connection }: Context, { key, seen }: Found, work: (queue: RedisQueue) => Promise<T>): Promise<T> {
  const limit = (value: number): number => (value < 0 ? Infinity : value);
  const spec: QueueSpec = {
    name: seen.name,
    exclusive: seen.exclusive,
    capacity: limit(seen.capacity),
    overflow: seen.overflow,
    acknowledge: seen.acknowledge,
    confirm: 'each',
    redelivery: 'best-effort',
    maxDeliveries: limit(seen.maxDeliveries),
    deadLetterCapacity: limit(seen.deadLetterCapacity),
    clone: false,
    debug: false,
    gate: seen.gate,
  };
  const queue = new RedisQueue({
    // Whatever writes the values: nothing is read or written by who mends.
    ...{ ...valuesBy(undefined), codec: seen.codec },
    ...{ connection, runtime: systemRuntime, spec, key, lease: seen.lease, existing: true, list: listFrom(seen.list) },
  });
  try {
    return await work(queue);
  } finally {
    await atMost(PATIENCE, queue.leave(new MillraceError('TRANSPORT_CLOSED', 'The command is over.')));
  }
}

/** Resolves as `waiting` does, unless the command is interrupted or takes longer than `ms`; `late` says what to tell then. */
export async function within<T>({ signal }: Context, waiting: Promise<T>, ms: number | undefined, late: () => Failure | Promise<Failure>): Promise<T> {
  const stop = new AbortController();
  const interrupted = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { signal: stop.signal });
  });
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<'passed'>((resolve) => {
    if (ms !== undefined) timer = setTimeout(() => resolve('passed'), ms);
  });
  try {
    const first = await Promise.race([waiting.then((value) => ({ value })), interrupted, passed]);
    if (typeof first === 'object') return first.value;
    if (first === 'passed') throw await late();
    throw new Failure('INTERRUPTED', EXIT.interrupted, 'Interrupted.');
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** What a queue has, for whoever is about to change it. */
export function contents({ stats, letters }: Seen): string {
  return `${many(stats.size, 'item')} waiting, ${String(stats.inHand)} in hand, ${many(letters, 'dead letter')}`;
}
