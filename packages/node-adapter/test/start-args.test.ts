import {
  defineWorker,
  type ErrorCode,
  IterableQueue,
  memory,
  type MillraceError,
  type Transport,
  type WorkerFunction,
} from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, refusal } from './support.js';

const anything = defineWorker<WorkerFunction<unknown, unknown>>(
  () => Promise.reject(new Error('for memory only')),
  new URL('./workers/count.ts', import.meta.url),
);

/** Arguments that cannot travel, with endpoints that could before and behind what cannot. */
async function refused(
  code: ErrorCode,
  make: (queue: IterableQueue<string>, transport: Transport) => unknown,
  transport = openTransport(),
): Promise<MillraceError> {
  const queue = new IterableQueue<string>({ transport });
  const producer = queue.producer();
  const consumer = queue.consumer();
  const other = new IterableQueue<string>({ transport });
  const bad = make(other, transport);
  const before = transport.health().workers;
  const error = await refusal(code, () =>
    transport.start(anything, { producer, bad, deep: [new Map([['consumer', consumer]])] }),
  );
  expect(transport.health().workers).toBe(before);

  // Nothing was moved: they work here, and nobody else has them.
  expect(await queue.stats()).toMatchObject({ producers: 1, consumers: 1 });
  queue.close();
  await producer.put('still here');
  await producer.close();
  expect(await itemsOf(consumer)).toEqual(['still here']);
  await queue.ended();
  return error;
}

describe('arguments that cannot be cloned', () => {
  const cyclic: { inner: { self?: unknown; bad?: unknown } } = { inner: {} };
  cyclic.inner.self = cyclic;
  cyclic.inner.bad = Symbol('leaf');

  it.each<[string, unknown, string, string]>([
    ['a function', () => undefined, 'args.bad', 'a function'],
    [
      'a function with a name',
      { onDone: function done() {} },
      'args.bad.onDone',
      'the function done',
    ],
    ['a symbol', [1, [Symbol('mark')]], 'args.bad[1][0]', 'Symbol(mark)'],
    ['something in a Map', new Map([['key', { fn: () => 1 }]]), 'args.bad.get("key").fn', 'fn'],
    ['something in a Set', new Set([new WeakMap()]), 'args.bad.values[0]', 'WeakMap'],
    ['a promise', { 'soon or later': Promise.resolve() }, 'args.bad["soon or later"]', 'Promise'],
    [
      'something in an error',
      Object.assign(new Error('e'), { weak: new WeakSet() }),
      'args.bad.weak',
      'WeakSet',
    ],
    ['a leaf of a cycle', cyclic, 'args.bad.inner.bad', 'Symbol(leaf)'],
  ])('are refused at once, with the path: %s', async (_, bad, path, what) => {
    const error = await refused('VALUE_NOT_CLONEABLE', () => bad);
    expect(error.details).toMatchObject({ path });
    expect(error.message).toContain(path);
    expect(error.message).toContain(what);
  });
});

describe('a transfer list that cannot be moved', () => {
  it.each<[string, () => object]>([
    ['nothing that can', () => ({})],
    ['a buffer that was moved before', () => movedBefore()],
  ])('is refused at once, and moves nothing: %s', async (_, make) => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const producer = queue.producer();
    const bytes = new Uint8Array([1, 2, 3]);
    const bad = make();
    const start = () =>
      transport.start(anything, { producer, bytes, bad }, { transfer: [bytes.buffer, bad] });
    await refusal('VALUE_NOT_CLONEABLE', start);
    expect(transport.health().workers).toBe(0);
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(producer.put('still here')).toBe('accepted');
  });
});

function movedBefore(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

describe('endpoints that cannot be handed over', () => {
  it('a closed one', async () => {
    await refused('ENDPOINT_CLOSED', (queue) => {
      const endpoint = queue.producer();
      void endpoint.close();
      return endpoint;
    });
  });

  it('one that was handed over before', async () => {
    await refused('ENDPOINT_MOVED', (queue, transport) => {
      const endpoint = queue.consumer();
      transport.start(anything, { source: endpoint });
      return endpoint;
    });
  });

  it('a producer with a put under way', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport(), capacity: 1 });
    const endpoint = queue.producer();
    void endpoint.put('fills it');
    const waiting = endpoint.put('waits');
    await refused('ENDPOINT_BUSY', () => endpoint);
    expect(await queue.consumer().get()).toBe('fills it');
    expect(await waiting).toBe('accepted');
  });

  it('a consumer with a get under way', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport() });
    const endpoint = queue.consumer();
    const waiting = endpoint.get();
    await refused('ENDPOINT_BUSY', () => endpoint);
    await queue.producer().put('comes');
    expect(await waiting).toBe('comes');
  });

  it('a consumer that is being iterated', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport() });
    const endpoint = queue.consumer();
    const iterating = endpoint.items();
    const waiting = iterating.next();
    await refused('ENDPOINT_BUSY', () => endpoint);
    await queue.producer().put('comes');
    expect(await waiting).toEqual({ done: false, value: 'comes' });
  });

  it('a consumer with an item in hand', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport() });
    const endpoint = queue.consumer();
    await queue.producer().put('in hand');
    const deliveries = endpoint.deliveries();
    const { value } = await deliveries.next();
    await deliveries.return?.call(deliveries);
    const again = await endpoint.deliveries().next();
    await refused('ENDPOINT_BUSY', () => endpoint);
    expect([value?.settled, again.value?.settled]).toEqual([true, false]);
    again.value?.ack();
    expect(await queue.stats()).toMatchObject({ inHand: 0, acked: 1 });
  });

  it('a slot that was given up', async () => {
    await refused('ENDPOINT_CLOSED', (queue) => {
      const slot = queue.producerSlot();
      slot.close();
      return slot;
    });
  });

  it('one whose queue was disposed of', async () => {
    await refused('QUEUE_CLOSED', (queue) => {
      const slot = queue.consumerSlot();
      void queue[Symbol.asyncDispose]();
      return slot;
    });
  });

  it('one whose queue lives in memory()', async () => {
    await refused('CAPABILITY_MISSING', () =>
      new IterableQueue({ transport: memory() }).producer(),
    );
  });
});

describe('a thread that cannot be made', () => {
  it('is refused by a closed transport, and moves nothing', async () => {
    const transport = workerThreads();
    const elsewhere = new IterableQueue<string>({ transport: openTransport() });
    const producer = elsewhere.producer();
    await transport.close();
    await refusal('TRANSPORT_CLOSED', () => transport.start(anything, { producer }));
    await refusal('TRANSPORT_CLOSED', () => new IterableQueue({ transport }));
    expect(producer.put('still here')).toBe('accepted');
  });

  it.each([
    ['linger', { linger: -1 }],
    ['linger', { linger: NaN }],
    ['resourceLimits', { resourceLimits: { maxOldGenerationSizeMb: '64' as never } }],
    ['resourceLimits', { resourceLimits: { stackSizeMb: NaN } }],
    ['resourceLimits', { resourceLimits: 64 as never }],
    ['channel', { channel: 'pigeon' as never }],
    ['bytes', { bytes: NaN }],
    ['bytes', { bytes: Infinity }],
    ['bytes', { bytes: '1' as never }],
  ])('is refused when its transport is made with a bad %s', async (option, options) => {
    const error = await refusal('BAD_OPTION', () => workerThreads(options));
    expect(error.details).toMatchObject({ option: expect.stringContaining(option) });
  });
});
