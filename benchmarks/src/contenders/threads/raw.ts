import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';

/** One message an item, with no flow control: what a thread's port does by itself, at the price of unbounded memory. */
export const rawPostMessage: Contender = {
  name: 'raw-post-message',
  share: 0.25,
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const worker = new Worker(new URL('../../workers/raw-producer.js', import.meta.url), {
      workerData: { payload: payload.name, items: items + warm },
    });
    worker.on('message', (item: T) => {
      tally.see(item);
    });
    await once(worker, 'exit');
    return tally.rate();
  },
};
