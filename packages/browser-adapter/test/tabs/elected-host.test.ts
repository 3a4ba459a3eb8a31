// Tabs of one page, without a SharedWorker: the first of them is the host, until it leaves; it says nothing when it does.

import { sharedTabs } from '@millrace/browser-adapter';
import {
  defineWorker,
  IterableQueue,
  type QueueOptions,
  ReadyQueue,
  type Transport,
} from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itemsOf, range, refusal } from '../support.ts';
import { freshName, openTabsElected } from './opened.ts';

const mortal = defineWorker(
  () => import('../workers/mortal.js'),
  () => new Worker(new URL('../workers/mortal.worker.ts', import.meta.url), { type: 'module' }),
);

type Options = Omit<QueueOptions, 'transport' | 'name'>;

interface Tab {
  readonly transport: Transport;
  queue(options?: Options): IterableQueue<number>;
  ready(options?: Options): ReadyQueue<number>;
}

function open(name: string): Tab {
  const transport = openTabsElected(name);
  onTestFinished(() => transport.close());
  return {
    transport,
    queue: (options) => new IterableQueue<number>({ ...options, transport, name: 'q' }),
    ready: (options) => new ReadyQueue<number>({ ...options, transport, name: 'q' }),
  };
}

/** Two tabs, the first of which is the host. */
async function two(): Promise<[host: Tab, other: Tab]> {
  const name = freshName();
  const tabs: [Tab, Tab] = [open(name), open(name)];
  for (const { transport } of tabs) await new IterableQueue({ transport, name: 'is here' }).stats();
  return tabs;
}

describe('a queue whose host leaves', () => {
  it('keeps what was confirmed, in order and marked, and what waits goes on waiting', async () => {
    const [host, other] = await two();
    const put = host.queue().producer();
    for (const n of range(0, 100)) await put.put(n);
    await put.close();
    const queue = other.queue();
    const consumer = queue.consumer();
    const held = await consumer.deliveries().next();
    expect([held.value!.value, held.value!.attempt]).toEqual([0, 1]);
    await host.transport.close();
    // The first answer is of when this tab came: the host's end was yet to be noticed.
    await queue.stats();
    expect(await queue.stats()).toMatchObject({ size: 100, producers: 0, consumers: 1 });
    // It went to the next host, who cannot know where it is.
    await refusal('LEASE_LOST', () => {
      held.value!.ack();
    });
    queue.close();
    const items: [number, number][] = [];
    for await (const delivery of queue.consumer().deliveries()) {
      items.push([delivery.value, delivery.attempt]);
      delivery.ack();
    }
    expect(items).toEqual(range(0, 100).map((n) => [n, 2]));
    await refusal('QUEUE_ENDED', consumer.get());
    await queue.ended();
  });

  it('has puts, gets, joins and endpoints of living tabs settled by the next one', async () => {
    const [host, other] = await two();
    const options = { capacity: 2 };
    host.queue(options);
    const queue = other.queue(options);
    const producer = queue.producer();
    const consumer = queue.consumer();
    const got = consumer.get();
    await producer.put(1);
    expect(await got).toBe(1);
    const puts = range(2, 6).map((n) => Promise.resolve(producer.put(n)));
    await puts[1];
    await host.transport.close();
    const polled = Promise.resolve(consumer.tryGet());
    const tried = Promise.resolve(producer.tryPut(9));
    const joined = queue.join();
    expect(await polled).toEqual({ value: 2 });
    for (const n of range(3, 6)) expect(await consumer.get()).toBe(n);
    await Promise.all(puts);
    await joined;
    expect(await tried).toBe(false);
    const next = consumer.get();
    await producer.put(6);
    expect(await next).toBe(6);
    queue.close();
    await producer.close();
    await queue.ended();
  });

  it('does not end while tabs have endpoints, and ends when it should', async () => {
    const [host, other] = await two();
    const queue = other.queue();
    const producer = queue.producer();
    await producer.put(1);
    await producer.flush();
    host.queue().close();
    await host.queue().stats();
    const items = itemsOf(queue.consumer());
    await host.transport.close();
    await producer.put(2);
    await producer.close();
    const arrived = await items;
    expect([...new Set(arrived)]).toEqual([1, 2]);
    await queue.ended();
  });

  it('keeps its gate, its dead letters, and what it knows of puts', async () => {
    const [host, other] = await two();
    const gated = other.ready({ maxDeliveries: 1 });
    await host.ready({ maxDeliveries: 1 }).setReady();
    const producer = gated.producer();
    expect(await producer.put(1)).toBe('accepted');
    const consumer = gated.consumer();
    const { value: delivery } = await consumer.deliveries().next();
    delivery!.reject(new TypeError('bad'));
    await consumer.flush();
    expect(await producer.put(2)).toBe('accepted');
    await host.transport.close();
    expect(await producer.put(3)).toBe('accepted');
    const [letter] = await gated.deadLetters.read({ max: 10 });
    expect(letter).toMatchObject({ value: 1, error: expect.any(TypeError) });
    for (const n of [2, 3]) expect(await consumer.get()).toBe(n);
    await gated.setNotReady();
    expect(await producer.put(4)).toBe('refused');
    await gated.deadLetters.purge('all');
    expect(await gated.deadLetters.size()).toBe(0);
  });

  it('ends no loop', async () => {
    const [host, other] = await two();
    const queue = other.queue();
    const producer = queue.producer();
    for (const n of range(0, 3)) await producer.put(n);
    await producer.close();
    const items: number[] = [];
    for await (const item of queue.consumer()) {
      items.push(item);
      if (items.length > 1) continue;
      await host.transport.close();
      queue.close();
      // By the next one: what was in hand has gone back.
      await queue.stats();
    }
    expect(items).toEqual([0, 0, 1, 2]);
    await queue.ended();
  });

  it('ends with what deliveries had put', async () => {
    const [host, other] = await two();
    const queue = other.queue();
    const producer = queue.producer();
    await producer.put(1);
    await producer.close();
    const deliveries = queue.consumer().deliveries();
    const { value: first } = await deliveries.next();
    await first!.put(2);
    const nacked = await deliveries.next();
    nacked.value!.nack();
    const closed = host.transport.close();
    await first!.put(3);
    await closed;
    await queue.stats();
    await first!.put(4);
    await refusal('LEASE_LOST', () => {
      first!.ack();
    });
    queue.close();
    const items: number[] = [];
    for await (const delivery of deliveries) {
      items.push(delivery.value);
      delivery.ack();
    }
    expect(items.sort()).toEqual([1, 2, 3, 4]);
    await queue.ended();
  });

  it('answers what was put into it while it was none', async () => {
    const [host, other] = await two();
    const queue = other.queue({ capacity: 3, overflow: 'drop-oldest' });
    const producer = queue.producer();
    await producer.put(0);
    const closed = host.transport.close();
    const answers: string[] = [];
    for (const n of range(1, 50)) answers.push(await producer.put(n));
    await closed;
    expect(answers).toEqual(Array.from({ length: 49 }, () => 'accepted'));
    const consumer = queue.consumer();
    for (const n of range(47, 50)) expect(await consumer.get()).toBe(n);
    expect(await queue.stats()).toMatchObject({ size: 0 });
  });

  it('takes nothing twice that was written down and not told of', async () => {
    const post = BroadcastChannel.prototype.postMessage;
    onTestFinished(() => {
      BroadcastChannel.prototype.postMessage = post;
    });
    const WRITTEN = 91;
    let kept = 0;
    BroadcastChannel.prototype.postMessage = function (data: unknown) {
      const said: unknown = Array.isArray(data) ? (data[1] as unknown[])[0] : undefined;
      if (said === WRITTEN) kept++;
      else post.call(this, data);
    };
    const [host, other] = await two();
    const queue = other.queue();
    const producer = queue.producer();
    for (const n of range(0, 3)) await producer.put(n);
    await producer.flush();
    expect(kept).toBeGreaterThan(0);
    await host.transport.close();
    await producer.put(3);
    await producer.close();
    expect(await queue.stats()).toMatchObject({ size: 4 });
  });

  it('goes from host to host', async () => {
    const name = freshName();
    let tab = open(name);
    const producer = tab.queue().producer();
    for (const n of range(0, 5)) await producer.put(n);
    await producer.close();
    for (const n of range(0, 5)) {
      const next = open(name);
      await next.queue().stats();
      await tab.transport.close();
      tab = next;
      const consumer = tab.queue().consumer();
      expect(await consumer.get()).toBe(n);
      await consumer.close();
    }
    expect(await tab.queue().stats()).toMatchObject({ size: 0, inHand: 0 });
  });

  it('is gone with the last tab', async () => {
    const name = freshName();
    const first = open(name);
    const producer = first.queue().producer();
    await producer.put(1);
    await producer.flush();
    await first.transport.close();
    const queue = open(name).queue({ capacity: 3 });
    expect(await queue.stats()).toMatchObject({ size: 0, put: 0 });
  });

  it('says that it is not known what it has done', async () => {
    const [host, other] = await two();
    const queue = other.queue();
    const producer = queue.producer();
    await producer.put(1);
    await producer.flush();
    const outcome = queue.clear().catch((error: unknown) => (error as { code: string }).code);
    await host.transport.close();
    // It has answered before it left, or not.
    expect([1, 'CONNECTION_LOST']).toContain(await outcome);
    // By the next one.
    await queue.stats();
    await queue.clear();
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0 });
  });
});

describe('without a SharedWorker', () => {
  it('tabs need none where it is not there', async () => {
    const shared = globalThis.SharedWorker;
    onTestFinished(() => {
      globalThis.SharedWorker = shared;
    });
    Reflect.deleteProperty(globalThis, 'SharedWorker');
    const transport = sharedTabs({ worker: () => new shared('never'), name: freshName() });
    onTestFinished(() => transport.close());
    const queue = new IterableQueue<number>({ transport, name: 'q' });
    await queue.producer().put(1);
    expect(await queue.consumer().get()).toBe(1);
  });

  it('endpoints stay in their tab, and values are copied', async () => {
    const [{ queue, transport }] = await two();
    const shared = queue();
    await refusal('CAPABILITY_MISSING', () =>
      transport.start(mortal, { way: 'wait', ready: shared.producer() as never }),
    );
    expect(transport.manifest.transfer).toBe(false);
    const buffer = new ArrayBuffer(8);
    const bytes = new IterableQueue<ArrayBuffer>({ transport, name: 'bytes' });
    await refusal('TRANSFER_REFUSED', async () =>
      bytes.producer().put(buffer, { transfer: [buffer] }),
    );
    expect(buffer.byteLength).toBe(8);
  });

  it('what cannot be written down is not begun', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')!;
    onTestFinished(() => {
      Object.defineProperty(globalThis, 'indexedDB', own);
    });
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true });
    const error = await refusal('CAPABILITY_MISSING', open(freshName()).queue().stats());
    expect(error.message).toMatch('storage');
  });
});
