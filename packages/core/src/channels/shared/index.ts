export { DEFAULT_BYTES, SharedQueue, type SharedQueueOptions } from './shared-queue.js';
export { isShared, reviveShared } from './revive.js';
export type { Bells } from './bells.js';
