/**
 * Millrace's workers in Node's worker threads.
 *
 * @module
 */
export { type DiagnosticsChannels, onDiagnostics } from './diagnostics.js';
export { stopOnSignals, type Stoppable, type StopOnSignalsOptions } from './signals.js';
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js';
