// What runs in each of the tabs that the tests open: it does as it is told.

import { hasCode, IterableQueue } from '@millrace/core';
import { openTabsAlone, openTabsElected } from './opened.ts';
import { type Ask, EACH, type Order, RUNS, type Said } from './orders.ts';

type WithoutFrom<T> = T extends unknown ? Omit<T, 'from'> : never;

const [channel, id, host] = location.hash.slice(1).split('/') as [string, string, string];
const line = new BroadcastChannel(channel);
const say = (said: WithoutFrom<Said>): void => {
  line.postMessage({ from: id, ...said });
};
const transport = host === 'elected' ? openTabsElected(channel) : openTabsAlone(channel);
// For the test to see when this tab is gone.
void navigator.locks.request(`${channel}/${id}`, () => new Promise(() => undefined));
const noting: (() => void)[] = [];
const queues = new Map<string, IterableQueue<number>>();

function queueOf(name: string): IterableQueue<number> {
  const queue = queues.get(name) ?? new IterableQueue<number>({ transport, name, capacity: 256 });
  queues.set(name, queue);
  return queue;
}

line.onmessage = ({ data }: MessageEvent<Ask>) => {
  if (data.to !== id && data.to !== EACH) return;
  follow(data.order).catch((error: unknown) => {
    const { code = '', message } = error as Error & { code?: string };
    say({ kind: 'failed', code, message });
  });
};
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) say({ kind: 'restored' });
});
// From now on this tab takes part: were the others to close, the queue would go on.
await queueOf('items').stats();
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
        for (const delivery of batch) {
          try {
            delivery.ack();
          } catch (error) {
            // Of a host that is gone: it comes again, to this tab or another.
            if (!hasCode(error, 'LEASE_LOST')) throw error;
          }
        }
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
    case 'ask':
      await queueOf(order.queue).stats();
      say({ kind: 'told', ask: order.ask });
      return;
    case 'end':
      queueOf(order.queue).close();
      await queueOf(order.queue).ended();
      say({ kind: 'ended' });
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
