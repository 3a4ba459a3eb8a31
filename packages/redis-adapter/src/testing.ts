/**
 * What the adapter's own tests use: nothing here is public.
 *
 * @module
 */
export { RedisTransport, manifest, type TransportParts } from './transport.js';
export { queueKey } from './queue/names.js';
export { type RedisQueue } from './queue/redis-queue.js';
export * from './codec/index.js';
export * from './connection/index.js';
