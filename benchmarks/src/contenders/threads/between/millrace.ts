import { defineWorker, IterableQueue, type QueueOptions } from '@millrace/core';

import type { Contender } from '../../../contender.js';
import { judge } from '../../../ledger.js';
import { capacityFor } from '../../sizes.js';
import type { Channel } from '../channels.js';
import { producer } from '../millrace.js';
import type { Shape } from './shape.js';

const consumer = defineWorker(
  () => import('../../../workers/millrace-consumer.js'),
  new URL('../../../workers/millrace-consumer.js', import.meta.url),
);

/** One queue, and each of its endpoints in a thread of its own. */
export function millraceBetween(
  { producers, consumers, chunk }: Shape,
  { name, open }: Channel,
  options: Pick<QueueOptions, 'acknowledge'> = {},
): Contender {
  return {
    name,
    async run({ payload, items, warm }) {
      const transport = open();
      const queue = new IterableQueue<unknown>({
        ...options,
        transport,
        capacity: capacityFor(payload.bytes),
      });
      const total = items + warm;
      const taking = Array.from({ length: consumers }, () =>
        transport.start(consumer, {
          input: queue.consumer(),
          payload: payload.name,
          total,
          producers,
          consumers,
          chunk,
        }),
      );
      await Promise.all(taking.map((worker) => worker.started()));
      const putting = Array.from({ length: producers }, (_, first) =>
        transport.start(producer, {
          out: queue.producer(),
          payload: payload.name,
          items: total,
          first,
          step: producers,
          chunk,
        }),
      );
      queue.close();
      await Promise.all(putting.map((worker) => worker.result()));
      const pages = await Promise.all(taking.map((worker) => worker.result()));
      await transport.close();
      return judge(pages, total, warm);
    },
  };
}
