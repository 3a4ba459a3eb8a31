import { browserWorkers } from '@millrace/browser-adapter';
import type { Transport } from '@millrace/core';
import { SharedQueue } from '@millrace/core/channels';
import { byUrl } from './transport.ts';

const queues = new Set<SharedQueue>();

/** Web Workers that share their queues' memory, of which a case sees nothing but that it is busy. */
export function inSharedMemory(): Transport {
  const transport = byUrl(browserWorkers({ channel: 'shared-memory' }));
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
}

export function activity(): number {
  return [...queues].reduce((sum, queue) => sum + queue.activity(), 0);
}
