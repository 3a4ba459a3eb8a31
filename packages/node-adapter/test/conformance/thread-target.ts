import type { Transport } from '@millrace/core';
import { SharedQueue } from '@millrace/core/channels';
import { type TransportUnderTest, workersTarget } from '@millrace/core/testing';
import { workerThreads } from '@millrace/node-adapter';
import path from 'node:path';

// Hundreds of threads start in half the time when they need not compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/compile');

/** Real threads under test, over message ports. */
export function threadTarget(runs: number): TransportUnderTest {
  return workersTarget('worker threads over ports', () => workerThreads({ channel: 'ports' }), { runs });
}

/** The same over shared memory, of which a case sees nothing but that it is busy. */
export function sharedThreadTarget(runs: number): TransportUnderTest {
  const queues = new Set<SharedQueue>();
  const open = (): Transport => {
    const transport = workerThreads({ channel: 'shared-memory' });
    return {
      ...transport,
      openQueue: (spec) => {
        const queue = transport.openQueue(spec);
        if (queue instanceof SharedQueue) queues.add(queue);
        return queue;
      },
      close: () => {
        queues.clear();
        return transport.close();
      },
    };
  };
  const activity = (): number => [...queues].reduce((sum, queue) => sum + queue.activity(), 0);
  return workersTarget('worker threads in shared memory', open, { runs, activity });
}
