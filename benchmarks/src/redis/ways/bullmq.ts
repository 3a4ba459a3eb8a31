import { Queue, Worker } from 'bullmq';

import { inFlight } from '../in-flight.js';
import { jsonOf, valueOf } from '../json.js';
import type { Way } from '../way.js';

const OPTIONS = { removeOnComplete: true, removeOnFail: true };

/** As its documentation shows it, with the jobs that are done removed. */
function way(concurrency: number): Way {
  return {
    async produce({ host, port, queue, payload }, items, pause) {
      const jobs = new Queue(queue, { connection: { host, port } });
      const adds = inFlight(pause === undefined ? concurrency : 1);
      for (const item of items) {
        await adds.add(jobs.add('item', jsonOf(payload, item), OPTIONS));
        if (pause !== undefined) await pause();
      }
      await adds.all();
      await jobs.close();
    },
    async consume({ host, port, queue, payload }, see, stop, ready) {
      const worker = new Worker(
        queue,
        ({ data }) => {
          see(valueOf(payload, data));
          return Promise.resolve();
        },
        { connection: { host, port }, concurrency },
      );
      await worker.waitUntilReady();
      ready();
      await stopped(stop);
      await worker.close();
    },
  };
}

export function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

export const concurrent = way(100);
export const single = way(1);
