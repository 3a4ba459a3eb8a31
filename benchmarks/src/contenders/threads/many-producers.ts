import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { IterableQueue } from '@millrace/core';

import type { Contender } from '../../contender.js';
import { judge, Ledger } from '../../ledger.js';
import { CAPACITY } from '../sizes.js';
import type { Channel } from './channels.js';
import { producer } from './millrace.js';

/** So many workers put into one queue, and the main thread takes. */
export const millraceFromMany = ({ name, open }: Channel, producers: number): Contender => ({
  name,
  async run({ payload, items, warm }) {
    const transport = open();
    const queue = new IterableQueue<unknown>({ transport, capacity: CAPACITY });
    const consumer = queue.consumer();
    const total = items + warm;
    const workers = Array.from({ length: producers }, (_, first) =>
      transport.start(producer, {
        out: queue.producer(),
        payload: payload.name,
        items: total,
        first,
        step: producers,
        chunk: 1,
      }),
    );
    queue.close();
    const ledger = new Ledger<unknown>(payload, total, producers, 1);
    for await (const item of consumer) ledger.see(item);
    await Promise.all(workers.map((worker) => worker.result()));
    await transport.close();
    return judge([ledger.page()], total, warm);
  },
});

/** A message an item from each worker, with no flow control. */
export const rawFromMany = (producers: number): Contender => ({
  name: 'raw-post-message',
  share: 0.25,
  async run({ payload, items, warm }) {
    const total = items + warm;
    const ledger = new Ledger<unknown>(payload, total, producers, 1);
    await Promise.all(
      Array.from({ length: producers }, async (_, first) => {
        const workerData = { payload: payload.name, items: total, first, step: producers };
        const worker = new Worker(new URL('../../workers/raw-producer.js', import.meta.url), {
          workerData,
        });
        worker.on('message', (item: unknown) => {
          ledger.see(item);
        });
        await once(worker, 'exit');
      }),
    );
    return judge([ledger.page()], total, warm);
  },
});
