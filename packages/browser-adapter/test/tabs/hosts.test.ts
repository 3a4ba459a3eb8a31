// What is not as it should be: no host, another host, one that is gone. And what a tab hands to its workers.

import { browserWorkers, sharedTabs } from '@millrace/browser-adapter';
import { serveTabs } from '@millrace/browser-adapter/tabs';
import { defineWorker, IterableQueue, type QueueEvents, type Transport } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { refusal } from '../support.ts';
import { freshName, openTabs, openTabsElected } from './opened.ts';

const mortal = defineWorker(
  () => import('../workers/mortal.js'),
  () => new Worker(new URL('../workers/mortal.worker.ts', import.meta.url), { type: 'module' }),
);

function kept(transport: Transport): Transport {
  onTestFinished(() => transport.close());
  return transport;
}

describe('a host', () => {
  it('is no page', async () => {
    await refusal('CAPABILITY_MISSING', () => serveTabs());
  });

  it('that is none is refused', async () => {
    const none = kept(sharedTabs({ worker: () => ({}) as never, name: freshName() }));
    await refusal('WORKER_LOAD_FAILED', () => new IterableQueue({ transport: none, name: 'q' }));
    await refusal('BAD_OPTION', () => openTabs(3 as never));
    await refusal('BAD_OPTION', () => openTabs('n', { startTimeout: -1 }));
  });

  it.each([
    [
      'is missing',
      () => new SharedWorker('/nowhere/tabs.worker.js', { type: 'module' }),
      'WORKER_LOAD_FAILED',
      15_000,
    ],
    [
      'serves nobody',
      () => new SharedWorker(new URL('./idle.worker.ts', import.meta.url), { type: 'module' }),
      'CONNECTION_FAILED',
      3000,
    ],
  ] as const)(
    'whose file %s fails all that waits for it',
    async (_, worker, code, startTimeout) => {
      const transport = kept(sharedTabs({ worker, name: freshName(), startTimeout }));
      const queue = new IterableQueue<number>({ transport, name: 'q' });
      const waits = [
        Promise.resolve(queue.producer().put(1)),
        queue.consumer().get(),
        queue.stats(),
        queue.join(),
      ];
      for (const wait of waits) await refusal(code, wait);
      await queue.ended();
      await refusal(code, () => queue.producer());
      await refusal(code, () => new IterableQueue({ transport, name: 'other' }));
      // What is the tab's own has no host.
      const own = new IterableQueue<number>({ transport });
      await own.producer().put(1);
      expect(await own.consumer().get()).toBe(1);
    },
  );

  it('is the only one by its name: tabs of another release are told', async () => {
    const name = freshName();
    const first = new IterableQueue<number>({ transport: kept(openTabs(name)), name: 'q' });
    await first.stats();
    const other = new URL('./dies.worker.ts', import.meta.url);
    const transport = kept(
      sharedTabs({
        worker: () => new SharedWorker(other, { type: 'module', name }),
        name,
        startTimeout: 500,
      }),
    );
    const second = new IterableQueue<number>({ transport, name: 'q' });
    const error = await refusal('CONNECTION_FAILED', async () => second.producer().put(1));
    expect(error.message).toMatch('another host');
    expect(await first.stats()).toMatchObject({ put: 0, producers: 0 });
  });

  it('that is gone is told of: what it held is lost', async () => {
    const name = freshName();
    const url = new URL('./dies.worker.ts', import.meta.url);
    const transport = kept(
      sharedTabs({ worker: () => new SharedWorker(url, { type: 'module', name }), name }),
    );
    const queue = new IterableQueue<number>({ transport, name: 'q', capacity: 2 });
    const producer = queue.producer();
    await producer.put(1);
    await producer.flush();
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe(1);
    const lost = new Promise<QueueEvents['data-lost']>((resolve) => queue.on('data-lost', resolve));
    const waits = [consumer.get()];
    new BroadcastChannel(name).postMessage('die');
    expect((await lost).error).toMatchObject({ code: 'DATA_LOST' });
    for (const wait of waits) await refusal('DATA_LOST', wait);
    await refusal('DATA_LOST', async () => producer.put(2));
    await refusal('DATA_LOST', () => queue.consumer());
  });
});

describe('a queue that tabs share', () => {
  it('has the same options in all of them', async () => {
    const name = freshName();
    const first = new IterableQueue({ transport: kept(openTabs(name)), name: 'q', capacity: 3 });
    await first.stats();
    const second = new IterableQueue({ transport: kept(openTabs(name)), name: 'q', capacity: 4 });
    const error = await refusal('BAD_OPTION', second.stats());
    expect(error.details).toMatchObject({ queue: 'q', option: 'capacity', is: 3, asked: 4 });
    await refusal('BAD_OPTION', () => second.producer());
    expect(await first.stats()).toMatchObject({ consumers: 0 });
  });

  it('is closed to new producers by any of them', async () => {
    const name = freshName();
    const [first, second] = [openTabs(name), openTabs(name)].map(
      (transport) => new IterableQueue<number>({ transport: kept(transport), name: 'q' }),
    ) as [IterableQueue<number>, IterableQueue<number>];
    const producer = first.producer();
    await second.stats();
    second.close();
    await second.stats();
    await refusal('QUEUE_CLOSED', async () => {
      // Either it has heard of it, or the endpoint does.
      await first.producer().put(1);
    });
    await first.stats();
    await refusal('QUEUE_CLOSED', () => first.producer());
    await producer.put(2);
    await producer.close();
    expect(await second.consumer().takeMany(2)).toEqual([2]);
    await Promise.all([first.ended(), second.ended()]);
  });

  it('is another by another name, or of another name of hosts', async () => {
    const [name, other] = [freshName(), freshName()];
    const [here, there] = [kept(openTabs(name)), kept(openTabs(other))];
    const queues = [
      new IterableQueue<number>({ transport: here, name: 'a' }),
      new IterableQueue<number>({ transport: here, name: 'b' }),
      new IterableQueue<number>({ transport: there, name: 'a' }),
    ];
    for (const [i, queue] of queues.entries()) await queue.producer().put(i);
    for (const [i, queue] of queues.entries()) expect(await queue.consumer().get()).toBe(i);
  });

  it('goes on when the tab that opened it has left, and is forgotten when it is of no more use', async () => {
    const name = freshName();
    const first = openTabs(name);
    const producer = new IterableQueue<number>({
      transport: first,
      name: 'q',
      capacity: 3,
    }).producer();
    await producer.put(1);
    await producer.flush();
    await first.close();
    const second = openTabs(name);
    const queue = new IterableQueue<number>({ transport: second, name: 'q', capacity: 3 });
    expect(await queue.stats()).toMatchObject({ size: 1, producers: 0 });
    const consumer = queue.consumer();
    expect(await consumer.get()).toBe(1);
    await consumer.flush();
    await second.close();
    const third = new IterableQueue<number>({
      transport: kept(openTabs(name)),
      name: 'q',
      capacity: 4,
    });
    expect(await third.stats()).toMatchObject({ size: 0, put: 0 });
  });

  it.each([
    ['a SharedWorker', openTabs],
    ['a tab', openTabsElected],
  ] as const)(
    'loses all endpoints of a tab that leaves at once, with %s for a host: none gets what another had',
    async (_, open) => {
      const name = freshName();
      const here = new IterableQueue<number>({ transport: kept(open(name)), name: 'q' });
      const leaving = open(name);
      const there = new IterableQueue<number>({ transport: leaving, name: 'q' });
      await here.stats();
      const [first, ...others] = Array.from({ length: 5 }, () => there.consumer());
      await here.producer().put(7);
      await first!.deliveries().next();
      const waits = others.map((other) => refusal('TRANSPORT_CLOSED', other.get()));
      await there.stats();
      const lost: QueueEvents['endpoint-lost'][] = [];
      const all = new Promise<void>((resolve) => {
        here.on('endpoint-lost', (event) => {
          if (lost.push(event) === 5) resolve();
        });
      });
      await leaving.close();
      await Promise.all(waits);
      const { value: again } = await here.consumer().deliveries().next();
      expect(again).toMatchObject({ value: 7, attempt: 2 });
      // Items and what there is to tell come by ports of their own.
      await all;
      expect(lost.map(({ inHand }) => inHand)).toEqual([1, 0, 0, 0, 0]);
      expect(await here.stats()).toMatchObject({ consumers: 1 });
    },
  );

  it('takes no value that cannot leave the tab', async () => {
    const queue = new IterableQueue<unknown>({ transport: kept(openTabs(freshName())), name: 'q' });
    const producer = queue.producer();
    const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    const error = await refusal('VALUE_NOT_CLONEABLE', async () =>
      producer.put({ deep: [module] }),
    );
    expect(error.details).toMatchObject({ path: '.deep[0]' });
    await producer.put({ deep: [new Uint32Array(2)] });
    expect(await queue.consumer().get()).toEqual({ deep: [new Uint32Array(2)] });
  });

  it('moves what a transfer list names', async () => {
    const queue = new IterableQueue<unknown>({ transport: kept(openTabs(freshName())), name: 'q' });
    const buffer = new ArrayBuffer(8);
    const { port1, port2 } = new MessageChannel();
    await queue.producer().put({ buffer, port: port2 }, { transfer: [buffer, port2] });
    expect(buffer.byteLength).toBe(0);
    const { port } = (await queue.consumer().get()) as { port: MessagePort };
    const said = new Promise((resolve) => {
      port1.onmessage = ({ data }) => {
        resolve(data);
      };
    });
    port.postMessage('by the port');
    expect(await said).toBe('by the port');
    port1.close();
    port.close();
  });
});

describe('a worker of a tab', () => {
  it('has endpoints of shared queues, which are lost with it', async () => {
    const transport = kept(openTabs(freshName()));
    const queue = new IterableQueue<string>({ transport, name: 'said' });
    const lost = new Promise<QueueEvents['endpoint-lost']>((resolve) =>
      queue.on('endpoint-lost', resolve),
    );
    const consumer = queue.consumer();
    const worker = transport.start(
      mortal,
      { way: 'wait', ready: queue.producer() },
      { name: 'mortal' },
    );
    await consumer.get();
    expect(await queue.blockers()).toContainEqual(
      expect.objectContaining({ kind: 'producer', worker: 'mortal' }),
    );
    await worker.terminate();
    expect(await lost).toMatchObject({ role: 'producer', worker: 'mortal' });
    queue.close();
    await refusal('QUEUE_ENDED', consumer.get());
  });

  it('is started by the same transport', async () => {
    const queue = new IterableQueue<string>({
      transport: kept(openTabs(freshName())),
      name: 'said',
    });
    const other = kept(browserWorkers());
    const producer = queue.producer();
    await refusal('CAPABILITY_MISSING', () =>
      other.start(mortal, { way: 'wait', ready: producer }),
    );
    await producer.put('still here');
    expect(await queue.consumer().get()).toBe('still here');
  });
});
