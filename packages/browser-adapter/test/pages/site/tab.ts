// A tab of several that share a queue. It does as it is told.

import { sharedTabs } from '@millrace/browser-adapter';
import { defineWorker, IterableQueue } from '@millrace/core';

const open = () => {
  const transport = sharedTabs({
    worker: () =>
      new SharedWorker(new URL('./tabs.worker.js', import.meta.url), { type: 'module' }),
  });
  return { transport, queue: new IterableQueue<number>({ transport, name: 'items' }) };
};
const mortal = defineWorker(
  () => import('../../workers/mortal.ts'),
  () => new Worker(new URL('./mortal.worker.js', import.meta.url), { type: 'module' }),
);
let { transport, queue } = open();
let waiting: Promise<unknown> | undefined;

const tab = {
  async put(from: number, to: number): Promise<void> {
    const producer = queue.producer();
    for (let n = from; n < to; n++) await producer.put(n);
    await producer.close();
  },

  /** Takes so many, and leaves them unsettled; and so many more in a worker. */
  async keep(here: number, there: number): Promise<void> {
    const consumer = queue.consumer();
    const deliveries = consumer.deliveries()[Symbol.asyncIterator]();
    for (let n = 0; n < here; n++) await deliveries.next();
    await consumer.flush();
    const ready = new IterableQueue<string>({ transport });
    transport.start(mortal, {
      way: 'wait',
      source: queue.consumer(),
      hold: there,
      ready: ready.producer(),
    });
    await ready.consumer().get();
    waiting = consumer.get();
    waiting.catch(() => undefined);
  },

  /** Takes so many, and says which, and how often they were delivered. */
  async take(count: number): Promise<readonly (readonly [item: number, attempt: number])[]> {
    const taken: [number, number][] = [];
    for await (const delivery of queue.consumer().deliveries()) {
      taken.push([delivery.value, delivery.attempt]);
      delivery.ack();
      if (taken.length === count) break;
    }
    return taken.sort(([a], [b]) => a - b);
  },

  /** What became of the wait that `keep` began. */
  async waited(): Promise<string> {
    try {
      return String(await waiting);
    } catch (error) {
      return (error as { code: string }).code;
    }
  },

  openAnew(): void {
    ({ transport, queue } = open());
  },
};

export type Tab = typeof tab;
Object.assign(globalThis, { tab });
void fetch('/said/ready');
