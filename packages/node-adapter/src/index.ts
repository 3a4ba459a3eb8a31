/**
 * Millrace's workers in Node's worker threads.
 *
 * @module
 */
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js';
