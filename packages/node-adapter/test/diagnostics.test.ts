import { defineWorker, IterableQueue, ReadyQueue } from '@millrace/core';
import { type DiagnosticsChannels, onDiagnostics } from '@millrace/node-adapter';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';

import { openTransport } from './support.js';

const puts = defineWorker(
  () => import('./workers/puts.js'),
  new URL('./workers/puts.ts', import.meta.url),
);

/** Every channel there is: a new one has to be added here, and shown to be published. */
const NAMES: Readonly<Record<keyof DiagnosticsChannels, true>> = {
  'millrace:queue:open': true,
  'millrace:queue:ended': true,
  'millrace:queue:no-consumer': true,
  'millrace:queue:ready': true,
  'millrace:queue:dead-letter': true,
  'millrace:queue:dead-letter-dropped': true,
  'millrace:queue:lease-lost': true,
  'millrace:queue:data-lost': true,
  'millrace:queue:endpoint-lost': true,
  'millrace:worker:start': true,
  'millrace:worker:started': true,
  'millrace:worker:finished': true,
  'millrace:worker:failure': true,
};
const transport = 'worker-threads';

/** What is published until the test is over. */
function listen(): [name: string, message: unknown][] {
  const heard: [string, unknown][] = [];
  for (const name of Object.keys(NAMES)) {
    const hear = (message: unknown): void => {
      heard.push([name, message]);
    };
    subscribe(name, hear);
    onTestFinished(() => {
      unsubscribe(name, hear);
      expect(channel(name).hasSubscribers).toBe(false);
    });
  }
  return heard;
}

const mortal = defineWorker(
  () => import('./workers/mortal-consumer.js'),
  new URL('./workers/mortal-consumer.ts', import.meta.url),
);

describe('diagnostics channels', () => {
  it('tell of queues what their own events tell, and when they are opened', async () => {
    const heard = listen();
    const threads = openTransport();
    const queue = new ReadyQueue<string>({
      transport: threads,
      name: 'orders',
      maxDeliveries: 1,
      deadLetterCapacity: 1,
    });
    const own: [string, unknown][] = [];
    for (const name of Object.keys(NAMES)) {
      const [, of, type] = name.split(':');
      if (of !== 'queue' || type === 'open') continue;
      queue.on(type as 'ended', (event) => own.push([name, { transport, ...event }]));
    }
    await queue.setReady();
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    await producer.putMany(['a', 'b', 'c']);
    for (let i = 0; i < 2; i++) {
      const { value: delivery } = await consumer.deliveries().next();
      delivery?.reject(new Error('sold out'));
    }
    await consumer.close();
    await producer.close();
    queue.close();
    await queue.consumer().get();
    await queue.ended();
    const [opened, ...events] = heard;
    expect(opened).toEqual([
      'millrace:queue:open',
      { transport, queue: 'orders', spec: queue.spec },
    ]);
    expect(events).toEqual(own);
    expect(new Set(events.map(([name]) => name))).toEqual(
      new Set([
        'millrace:queue:ready',
        'millrace:queue:dead-letter',
        'millrace:queue:dead-letter-dropped',
        'millrace:queue:no-consumer',
        'millrace:queue:ended',
      ]),
    );
    expect(events).toContainEqual([
      'millrace:queue:dead-letter',
      expect.objectContaining({
        queue: 'orders',
        attempts: 1,
        value: 'a',
        error: new Error('sold out'),
      }),
    ]);
  });

  it('tell of a worker that starts, runs and finishes', async () => {
    const heard = listen();
    const threads = openTransport();
    const queue = new IterableQueue<number>({ transport: threads });
    const worker = threads.start(
      puts,
      { out: queue.producer(), from: 0, count: 3 },
      { name: 'puts' },
    );
    await worker.result();
    expect(heard.filter(([name]) => name.startsWith('millrace:worker:'))).toEqual([
      ['millrace:worker:start', { transport, worker: 'puts', url: puts.url, role: 'function' }],
      ['millrace:worker:started', { transport, worker: 'puts' }],
      ['millrace:worker:finished', { transport, worker: 'puts' }],
    ]);
  });

  it('tell of a worker that fails, and of the endpoints it had', async () => {
    const threads = openTransport();
    const queue = new IterableQueue<number>({ transport: threads, name: 'numbers' });
    const ready = new IterableQueue<string>({ transport: threads, name: 'ready' });
    await queue.producer().putMany([1, 2, 3]);
    const heard = listen();
    const args = { way: 'exit', ack: 0, hold: 1, flush: true } as const;
    const worker = threads.start(
      mortal,
      { source: queue.consumer(), ready: ready.producer(), ...args },
      { name: 'mortal' },
    );
    const exit = await worker.exit;
    const { error } = exit.status === 'failed' ? exit : {};
    expect(error?.code).toBe('WORKER_EXITED');
    expect(heard).toContainEqual([
      'millrace:worker:failure',
      { transport, worker: 'mortal', error },
    ]);
    expect(heard).toContainEqual([
      'millrace:queue:endpoint-lost',
      expect.objectContaining({ transport, queue: 'numbers', worker: 'mortal', role: 'consumer' }),
    ]);
  });

  it('are typed, and are left by calling what subscribing gave', () => {
    const opened: string[] = [];
    const off = onDiagnostics('millrace:queue:open', ({ queue, spec }) => {
      opened.push(`${queue} ${String(spec.capacity)}`);
    });
    const threads = openTransport();
    new IterableQueue({ transport: threads, name: 'a', capacity: 3 });
    off();
    new IterableQueue({ transport: threads, name: 'b' });
    expect(opened).toEqual(['a 3']);
    // @ts-expect-error -- no such channel
    onDiagnostics('millrace:queue:nothing', () => undefined)();
  });

  it('tell of a worker that cannot start', async () => {
    const heard = listen();
    const threads = openTransport();
    const nowhere = defineWorker(
      () => import('./workers/returns.js'),
      new URL('./nowhere.ts', import.meta.url),
    );
    await threads.start(nowhere, {}).exit;
    expect(heard.map(([name]) => name)).toEqual([
      'millrace:worker:start',
      'millrace:worker:failure',
    ]);
  });
});
