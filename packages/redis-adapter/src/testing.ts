/**
 * What the adapter's own tests use: nothing here is public.
 *
 * @module
 */
export { RedisTransport, listManifest, manifest, type TransportParts } from './transport.js';
export { besideList } from './lists/list.js';
export { listValuesBy } from './values.js';
export { queueKey } from './queue/names.js';
export { type RedisQueue } from './queue/redis-queue.js';
export * from './codec/index.js';
export * from './connection/index.js';
