import type { Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import type { PageContender } from '../contender.js';
import { END, type RawTask } from '../workers/raw-task.js';

/** One message an item, with no flow control: what a worker's own port does by itself, at the price of unbounded memory. */
export const rawPostMessage: PageContender = async <T>({ payload, items, warm }: Load<T>) => {
  const tally = new Tally(payload, items, warm);
  const worker = new Worker(new URL('../workers/raw-producer.worker.ts', import.meta.url), { type: 'module' });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onerror = ({ message }) => {
        reject(new Error(message || 'The worker could not be loaded.'));
      };
      worker.onmessage = ({ data }: MessageEvent<T | typeof END>) => {
        if (data === END) resolve();
        else tally.see(data);
      };
      worker.postMessage({ payload: payload.name, items: items + warm } satisfies RawTask);
    });
  } finally {
    worker.terminate();
  }
  return tally.rate();
};
