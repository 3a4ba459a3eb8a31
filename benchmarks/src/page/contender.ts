import type { Load } from '../contender.js';

/** Moves the load, fails if anything is lost, and leaves nothing behind; answers in items a second. */
export type PageContender = <T>(load: Load<T>) => Promise<number>;
