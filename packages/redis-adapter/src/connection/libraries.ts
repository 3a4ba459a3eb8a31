import { MillraceError } from '@millrace/core';

import type { IoRedisClient } from './ioredis.js';
import type { NodeRedisClient } from './node-redis.js';

type CreateClient = (options: object) => NodeRedisClient;
type RedisClass = new (options: object) => IoRedisClient;

/** `createClient` of node-redis, where it is installed. */
export async function nodeRedis(): Promise<CreateClient | undefined> {
  const module = (await optional('redis', () => import('redis'))) as
    { createClient: CreateClient } | undefined;
  return module?.createClient;
}

/** The class `Redis` of ioredis, where it is installed. */
export async function ioRedis(): Promise<RedisClass | undefined> {
  const module = (await optional('ioredis', () => import('ioredis'))) as
    { Redis: RedisClass } | undefined;
  return module?.Redis;
}

async function optional(name: string, load: () => Promise<unknown>): Promise<unknown> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // One that is there and broken says so itself.
    if (code === 'ERR_MODULE_NOT_FOUND' && String(message).includes(`'${name}'`)) return undefined;
    throw error;
  }
}

export function missing(library: 'redis' | 'ioredis'): MillraceError {
  return new MillraceError(
    'CLIENT_LIBRARY_MISSING',
    `The client library '${library}' is not installed. Run \`npm install ${library}\`.`,
    { library },
  );
}

export function badOption(option: string, what: string): MillraceError {
  return new MillraceError('BAD_OPTION', `\`${option}\` ${what}.`, { option });
}
