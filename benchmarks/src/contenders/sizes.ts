/** Every contender's bound on the items that wait, where it has one. */
export const CAPACITY = 1024;
/** Items that are put, and taken, at once in the scenario of chunks. */
export const CHUNK = 256;
/** Calls under way at a time with the libraries for tasks. */
export const OUTSTANDING = 64;
