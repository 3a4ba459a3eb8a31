import { IterableQueue, memory, type Transport } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';
import { redis } from '@millrace/redis-adapter';

import { oneOf, whole } from './options.js';

/** The first is the default. */
const transportNames = ['threads', 'ports', 'memory', 'redis'] as const;

/** How to get at the server. */
export interface Server {
  readonly redisUrl: string;
  /** How long it may take to connect, in ms, before the server counts as not there. */
  readonly connectMs: number;
}

/** Where a program runs, as its options say. */
export interface Place extends Server {
  readonly transport: (typeof transportNames)[number];
}

/** For `parseArgs`. */
export const redisOptions = { 'redis-url': { type: 'string' }, 'connect-ms': { type: 'string' } } as const;
export const placeOptions = { transport: { type: 'string' }, ...redisOptions } as const;

export const redisUsage = `\
  --redis-url URL             the server (default $MILLRACE_REDIS_URL, or else redis://localhost:6379)
  --connect-ms N              how long it may take to connect there (default 10000)`;
export const placeUsage = `\
  --transport threads|ports|memory|redis
                              where it runs: threads, threads that reach the queue by messages, this process, or
                              processes over Redis (default threads)
${redisUsage}`;

interface Given {
  readonly 'redis-url'?: string | undefined;
  readonly 'connect-ms'?: string | undefined;
}

export function serverFrom(given: Given): Server {
  return {
    redisUrl: given['redis-url'] ?? process.env['MILLRACE_REDIS_URL'] ?? 'redis://localhost:6379',
    connectMs: whole('connect-ms', given['connect-ms'], { default: 10_000, min: 1, max: 1_000_000 }),
  };
}

export function placeFrom(given: Given & { readonly transport?: string | undefined }): Place {
  return { transport: oneOf('transport', given.transport, transportNames), ...serverFrom(given) };
}

/** Rejects when there is no server to work with, before any worker has to find that out. */
export async function openRedis({ redisUrl: url, connectMs: connectTimeout }: Server): Promise<Transport> {
  const transport = redis({ url, connectTimeout });
  try {
    await using first = new IterableQueue({ transport });
    await first.stats();
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** Where the queue lives and what its workers are: the one place in which the ways differ. */
export async function openTransport(place: Place): Promise<Transport> {
  switch (place.transport) {
    case 'memory':
      return memory();
    case 'threads':
      return workerThreads();
    case 'ports':
      return workerThreads({ channel: 'ports' });
    case 'redis':
      return openRedis(place);
  }
}
