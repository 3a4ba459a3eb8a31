import { IterableQueue, memory } from '@millrace/core';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY, CHUNK } from '../sizes.js';

export const millrace: Contender = {
  name: 'millrace',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const queue = new IterableQueue<T>({ transport: memory(), capacity: CAPACITY });
    const producer = queue.producer();
    const consumer = queue.consumer();
    queue.close();
    const consuming = (async () => {
      for await (const item of consumer) tally.see(item);
    })();
    for (let i = 0; i < items + warm; i++) await producer.put(payload.make(i));
    await producer.close();
    await consuming;
    return tally.rate();
  },
};

export const millraceChunks: Contender = {
  name: 'millrace',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const queue = new IterableQueue<T>({ transport: memory(), capacity: CAPACITY });
    const producer = queue.producer();
    const consumer = queue.consumer();
    queue.close();
    const consuming = (async () => {
      for await (const chunk of consumer.batches({ max: CHUNK }))
        for (const item of chunk) tally.see(item);
    })();
    const total = items + warm;
    for (let from = 0; from < total; from += CHUNK) {
      const chunk: T[] = [];
      for (let i = from; i < Math.min(from + CHUNK, total); i++) chunk.push(payload.make(i));
      await producer.putMany(chunk);
    }
    await producer.close();
    await consuming;
    return tally.rate();
  },
};
