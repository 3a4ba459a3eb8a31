/**
 * Queues in Redis or Valkey: the same contract across machines.
 *
 * @module
 */
export { redis, type RedisOptions } from './redis.js';
export { redisLists, type RedisListsOptions } from './lists/redis-lists.js';
export { tableDish } from './lists/list.js';
export { topic } from './queue/names.js';
export { type Codec, json, msgpack } from './codec/index.js';
export type { Address, ClientOptions, ConnectOptions, RedisConnectOptions, TlsOptions } from './connection/index.js';
export type { ProcessLimits } from './processes/index.js';
