/**
 * Millrace's workers in Node's worker threads.
 *
 * @module
 */
export { type DiagnosticsChannels, onDiagnostics } from './diagnostics.js';
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js';
