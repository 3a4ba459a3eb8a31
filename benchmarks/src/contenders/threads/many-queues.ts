import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';

import { IterableQueue } from '@millrace/core';

import type { Channel } from './channels.js';

/** Queues in a run, at least: few of them are opened and closed again and again. */
const QUEUES = 200;

/** One of the queues that are open at the same time. */
interface Opened {
  exchange(index: number): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface QueueMeasure {
  readonly name: string;
  readonly measure: (count: number) => Promise<number>;
}

/** Opens that many, puts and takes one item in each, and closes them: in microseconds a queue. */
const manyQueues = (
  name: string,
  opening: () => { readonly open: () => Opened; readonly end: () => Promise<unknown> },
): QueueMeasure => ({
  name,
  async measure(items) {
    const { open, end } = opening();
    const rounds = Math.ceil(QUEUES / items);
    const startedAt = performance.now();
    for (let round = 0; round < rounds; round++) {
      const opened = Array.from({ length: items }, open);
      for (const [index, queue] of opened.entries()) {
        const item = await queue.exchange(index);
        if (item !== index) throw new Error(`Of queue ${String(index)} came ${String(item)}.`);
      }
      for (const queue of opened) await queue.close();
    }
    const ms = performance.now() - startedAt;
    await end();
    return (ms * 1e3) / (rounds * items);
  },
});

export const millraceQueues = (channel: Channel): QueueMeasure =>
  manyQueues(channel.name, () => {
    const transport = channel.open();
    return {
      open() {
        const queue = new IterableQueue<number>({ transport });
        const producer = queue.producer();
        const consumer = queue.consumer();
        return {
          async exchange(index) {
            await producer.put(index);
            return consumer.get();
          },
          async close() {
            queue.close();
            await producer.close();
            await queue.ended();
          },
        };
      },
      end: () => transport.close(),
    };
  });

/** Both ends in this thread, as the queues' are. */
export const rawQueues: QueueMeasure = manyQueues('raw-message-channel', () => ({
  open() {
    const { port1, port2 } = new MessageChannel();
    let came: (item: unknown) => void;
    // A port without a listener would not keep this process alive until it is closed.
    port2.on('message', (item) => {
      came(item);
    });
    return {
      exchange: (index) =>
        new Promise((resolve) => {
          came = resolve;
          port1.postMessage(index);
        }),
      async close() {
        const closed = once(port2, 'close');
        port1.close();
        await closed;
      },
    };
  },
  end: () => Promise.resolve(),
}));
