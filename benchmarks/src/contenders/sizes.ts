/** Every contender's bound on the items that wait, where it has one. */
export const CAPACITY = 1024;
/** Items that are put, and taken, at once in the scenario of chunks. */
export const CHUNK = 256;
/** Calls under way at a time with the libraries for tasks. */
export const OUTSTANDING = 64;
/** The bound on what waits in Redis: round trips are longer there, and blocks larger. */
export const REDIS_CAPACITY = 4096;
/** Values in one command of the hand-written clients, and entries in one reply. */
export const REDIS_BATCH = 64;
export const REDIS_TAKE = 256;
