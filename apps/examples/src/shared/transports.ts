import { IterableQueue, memory, type Transport } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';
import { redis } from '@millrace/redis-adapter';

import { oneOf } from './options.js';

/** The first is the default. */
const transportNames = ['threads', 'memory', 'redis'] as const;

/** Where a program runs, as its options say. */
export interface Place {
  readonly transport: (typeof transportNames)[number];
  readonly redisUrl: string;
}

/** For `parseArgs`. */
export const redisOptions = { 'redis-url': { type: 'string' } } as const;
export const placeOptions = { transport: { type: 'string' }, ...redisOptions } as const;

export const redisUsage = `\
  --redis-url URL             the server (default $MILLRACE_REDIS_URL, or else redis://localhost:6379)`;
export const placeUsage = `\
  --transport threads|memory|redis
                              where it runs: threads, this process, or processes over Redis (default threads)
${redisUsage}`;

export function redisUrlFrom(given: { readonly 'redis-url'?: string | undefined }): string {
  return given['redis-url'] ?? process.env['MILLRACE_REDIS_URL'] ?? 'redis://localhost:6379';
}

export function placeFrom(given: { readonly transport?: string | undefined; readonly 'redis-url'?: string | undefined }): Place {
  return { transport: oneOf('transport', given.transport, transportNames), redisUrl: redisUrlFrom(given) };
}

/** How long a busy machine may take to connect, in ms, before the server counts as not there. */
const CONNECT_TIMEOUT = 10_000;

/** Rejects when there is no server to work with, before any worker has to find that out. */
export async function openRedis(url: string): Promise<Transport> {
  const transport = redis({ url, connectTimeout: CONNECT_TIMEOUT });
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
export async function openTransport({ transport, redisUrl }: Place): Promise<Transport> {
  switch (transport) {
    case 'memory':
      return memory();
    case 'threads':
      return workerThreads();
    case 'redis':
      return openRedis(redisUrl);
  }
}
