import { IterableQueue, type Transport, type WorkerRef } from '@millrace/core';

import type { Load } from '../contender.js';
import { Tally } from '../tally.js';
import type produce from '../workers/millrace-producer.js';
import { CAPACITY } from './sizes.js';

/** From a producer in a worker to a consumer here, by single items or, from 2 up, in chunks of so many. Ends the transport. */
export async function flow<T>(
  { payload, items, warm }: Load<T>,
  chunk: number,
  transport: Transport,
  producer: WorkerRef<typeof produce>,
): Promise<number> {
  const tally = new Tally(payload, items, warm);
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
}
