import { type ConsumerEndpoint, defineWorker, IterableQueue, type Transport } from '@millrace/core';
import { workerThreads, type WorkerThreadsOptions } from '@millrace/node-adapter';
import { describe, expectTypeOf, it } from 'vitest';
import type { Numbered } from './workers/fills.js';

const transport = workerThreads();
const fills = defineWorker(
  () => import('./workers/fills.js'),
  new URL('./workers/fills.ts', import.meta.url),
);
const count = defineWorker(
  () => import('./workers/count.js'),
  new URL('./workers/count.ts', import.meta.url),
);
const deep = defineWorker(
  () => import('./workers/deep.js'),
  new URL('./workers/deep.ts', import.meta.url),
);
const ledger = new SharedArrayBuffer(4);

describe('an example over two files', () => {
  it('needs no cast, and names its item type once', async () => {
    const queue = new IterableQueue<Numbered>({ transport });
    const filling = transport.start(fills, {
      out: queue.producer(),
      producer: 1,
      items: 10,
      ledger,
    });
    const counting = transport.start(count, { source: queue.consumer() });
    queue.close();
    for await (const item of queue.consumer()) expectTypeOf(item).toEqualTypeOf<Numbered>();
    expectTypeOf(filling.result()).resolves.toEqualTypeOf<void>();
    expectTypeOf(counting.result()).resolves.toEqualTypeOf<number>();
  });
});

describe('workerThreads()', () => {
  it('is a transport, and takes its options', () => {
    expectTypeOf(transport).toEqualTypeOf<Transport>();
    workerThreads({ linger: 10, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    // @ts-expect-error -- no such option
    workerThreads({ threads: 4 });
    // @ts-expect-error -- a number
    workerThreads({ linger: 'long' });
    // @ts-expect-error -- no such limit
    workerThreads({ resourceLimits: { maxMemory: 64 } });
    expectTypeOf<WorkerThreadsOptions['linger']>().toEqualTypeOf<number | undefined>();
  });
});

describe('a worker module', () => {
  const words = new IterableQueue<string>({ transport });
  const numbers = new IterableQueue<number>({ transport });

  it('says by its own types what it is started with', () => {
    const handle = transport.start(deep, {
      title: 'all kinds',
      list: [1, { out: words.producerSlot() }],
      byName: new Map([['numbers', { source: numbers.consumer() }]]),
      all: new Set([words.producer()]),
      twice: { one: words.producer(), other: words.producerSlot() },
      when: new Date(),
      error: new Error('carried'),
    });
    expectTypeOf(handle.result()).resolves.toHaveProperty('sum').toBeNumber();
    // @ts-expect-error -- no such field in its result
    void handle.result().then(({ total }) => total as unknown);
  });

  it('is not started with anything else, at any depth', () => {
    const rest = {
      title: 't',
      twice: { one: words.producer(), other: words.producer() },
      when: new Date(),
      error: new Error(),
    };
    const list: [number, { out: ReturnType<typeof words.producer> }] = [
      1,
      { out: words.producer() },
    ];
    const byName = new Map([['numbers', { source: numbers.consumer() }]]);
    const all = new Set([words.producer()]);
    transport.start(deep, { ...rest, list, byName, all });
    // @ts-expect-error -- the wrong items in an array
    transport.start(deep, { ...rest, list: [1, { out: numbers.producer() }], byName, all });
    const wrongEnds = new Map([['numbers', { source: numbers.producer() }]]);
    // @ts-expect-error -- the wrong end in a Map
    transport.start(deep, { ...rest, list, byName: wrongEnds, all });
    // @ts-expect-error -- the wrong end in a Set
    transport.start(deep, { ...rest, list, byName, all: new Set([words.consumer()]) });
    // @ts-expect-error -- text for a date
    transport.start(deep, { ...rest, list, byName, all, when: 'now' });
    // @ts-expect-error -- something is missing
    transport.start(deep, { ...rest, list, byName });
    // @ts-expect-error -- a producer of other items
    transport.start(fills, { out: words.producer(), producer: 1, items: 1, ledger });
    const source = new IterableQueue<Numbered>({ transport }).consumer();
    // @ts-expect-error -- a consumer for a producer
    transport.start(fills, { out: source, producer: 1, items: 1, ledger });
  });

  it('may take the consumer of any queue', () => {
    transport.start(count, { source: words.consumer() });
    transport.start(count, { source: numbers.consumerSlot() });
    // @ts-expect-error -- not a producer, though
    transport.start(count, { source: numbers.producer() });
    numbers.consumer() satisfies ConsumerEndpoint<unknown>;
  });
});
