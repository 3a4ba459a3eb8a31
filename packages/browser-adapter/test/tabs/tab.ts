// What runs in each of the tabs that the tests open: it does as it is told.

import { IterableQueue } from '@millrace/core';
import { openTabsAlone } from './opened.ts';
import { type Ask, type Order, RUNS, type Said } from './orders.ts';

type WithoutFrom<T> = T extends unknown ? Omit<T, 'from'> : never;

const [channel, id] = location.hash.slice(1).split('/') as [string, string];
const line = new BroadcastChannel(channel);
const say = (said: WithoutFrom<Said>): void => {
  line.postMessage({ from: id, ...said });
};
const transport = openTabsAlone(channel);
const noting: (() => void)[] = [];
const queues = new Map<string, IterableQueue<number>>();

function queueOf(name: string): IterableQueue<number> {
  const queue = queues.get(name) ?? new IterableQueue<number>({ transport, name, capacity: 256 });
  queues.set(name, queue);
  return queue;
}

line.onmessage = ({ data }: MessageEvent<Ask>) => {
  if (data.to !== id) return;
  follow(data.order).catch((error: unknown) => {
    const { code = '', message } = error as Error & { code?: string };
    say({ kind: 'failed', code, message });
  });
};
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) say({ kind: 'restored' });
});
say({ kind: 'ready' });

async function follow(order: Order): Promise<void> {
  switch (order.kind) {
    case 'put': {
      const producer = queueOf(order.queue).producer();
      for (let n = order.from; n < order.to; n++) {
        // Which tab's it is, so that what is put anew by another is told from what is delivered anew.
        await producer.put(n * RUNS + order.run);
        if (n % 50 === 49) {
          await producer.flush();
          say({ kind: 'confirmed', upTo: n + 1 });
        }
      }
      await producer.close();
      say({ kind: 'confirmed', upTo: order.to });
      say({ kind: 'put-all' });
      return;
    }
    case 'take': {
      const consumer = queueOf(order.queue).consumer();
      for await (const batch of consumer.deliveryBatches({ max: 20, within: 20 })) {
        // Heard of before they are settled: what is settled and nobody heard of would look lost.
        const noted = new Promise<void>((resolve) => noting.push(resolve));
        say({
          kind: 'settled',
          items: batch.map(({ value, attempt }) => [value, attempt] as const),
        });
        await noted;
        for (const delivery of batch) delivery.ack();
      }
      say({ kind: 'took-all' });
      return;
    }
    case 'keep': {
      const consumer = queueOf(order.queue).consumer();
      const items: number[] = [];
      const iterator = consumer.deliveries()[Symbol.asyncIterator]();
      while (items.length < order.count) items.push((await iterator.next()).value!.value);
      await consumer.flush();
      say({ kind: 'kept', items });
      return;
    }
    case 'noted':
      noting.shift()!();
      return;
    case 'close':
      window.close();
      return;
    case 'reload':
      location.reload();
      return;
    case 'away':
      location.href = new URL('./away.html', import.meta.url).href;
      return;
    case 'leave':
      await transport.close();
      say({ kind: 'left' });
  }
}
