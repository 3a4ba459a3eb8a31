export { DEFAULT_BYTES, SharedQueue, type SharedQueueOptions } from './shared-queue.js';
export { reviveShared } from './revive.js';
export { isShared, isSharedToken } from './token.js';
export type { Bells, Listening } from './bells.js';
