import { type TransportUnderTest, workersTarget } from '@millrace/core/testing';
import { workerThreads } from '@millrace/node-adapter';
import path from 'node:path';

// Hundreds of threads start in half the time when they need not compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/compile');

/** Real threads under test. */
export function threadTarget(runs: number): TransportUnderTest {
  return workersTarget('worker threads', () => workerThreads(), { runs });
}
