/** Every contender's bound on the items that wait, where it has one. */
export const CAPACITY = 1024;
/** As much may wait in bytes, where items are large. */
const WAITING_BYTES = 64 * 1024 * 1024;
/** The bound on what waits of items of a size: `CAPACITY`, or fewer of those that are large. */
export const capacityFor = (bytes: number): number => Math.min(CAPACITY, Math.max(2, Math.floor(WAITING_BYTES / bytes)));

/** Items in one message of hand-written code that sends several at once. */
const BATCH = 64;
const BATCH_BYTES = 256 * 1024;
export const batchFor = (bytes: number): number => Math.min(BATCH, Math.max(1, Math.floor(BATCH_BYTES / bytes)));

/** Items that are put, and taken, at once in the scenario of chunks. */
export const CHUNK = 256;
/** Calls under way at a time with the libraries for tasks. */
export const OUTSTANDING = 64;
/** The bound on what waits in Redis: round trips are longer there, and blocks larger. */
export const REDIS_CAPACITY = 4096;
/** Values in one command of the hand-written clients, and entries in one reply. */
export const REDIS_BATCH = 64;
export const REDIS_TAKE = 256;
