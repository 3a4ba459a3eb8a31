import { defineWorker, IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY, CHUNK } from '../sizes.js';

const producer = defineWorker(
  () => import('../../workers/millrace-producer.js'),
  new URL('../../workers/millrace-producer.js', import.meta.url),
);

function millraceBy(chunk: number): Contender {
  return {
    name: 'millrace',
    async run<T>({ payload, items, warm }: Load<T>) {
      const tally = new Tally(payload, items, warm);
      const transport = workerThreads();
      const queue = new IterableQueue<unknown>({ transport, capacity: CAPACITY });
      const consumer = queue.consumer();
      const worker = transport.start(producer, {
        out: queue.producer(),
        payload: payload.name,
        items: items + warm,
        chunk,
      });
      queue.close();
      if (chunk === 1) for await (const item of consumer) tally.see(item as T);
      else
        for await (const batch of consumer.batches({ max: chunk }))
          for (const item of batch) tally.see(item as T);
      await worker.result();
      await transport.close();
      return tally.rate();
    },
  };
}

export const millrace = millraceBy(1);
export const millraceChunks = millraceBy(CHUNK);
