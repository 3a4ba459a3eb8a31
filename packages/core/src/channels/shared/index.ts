export { DEFAULT_BYTES, SharedQueue, type SharedQueueOptions } from './shared-queue.js';
export { isShared, isSharedToken, reviveShared } from './revive.js';
export type { Bells } from './bells.js';
