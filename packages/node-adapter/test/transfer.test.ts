import { defineWorker, IterableQueue, type Transport } from '@millrace/core';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { openTransport } from './support.js';
import moves, { type MovesArgs } from './workers/moves.js';
import type { Movable } from './workers/reads.js';

const moving = defineWorker(
  () => import('./workers/moves.js'),
  new URL('./workers/moves.ts', import.meta.url),
);
const handingBack = defineWorker(
  () => import('./workers/hand-back.js'),
  new URL('./workers/hand-back.ts', import.meta.url),
);
const reading = defineWorker(
  () => import('./workers/reads.js'),
  new URL('./workers/reads.ts', import.meta.url),
);

describe.each([
  ['the host', (_: Transport, args: MovesArgs) => moves(args)],
  ['a thread', (transport: Transport, args: MovesArgs) => transport.start(moving, args).result()],
])('a buffer that is moved from %s', (_, run) => {
  it('leaves when it is accepted, arrives marked, and stays whole when it is not', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<Uint8Array>({ transport });
    const full = new IterableQueue<Uint8Array>({ transport, capacity: 1 });
    await full.producer().put(new Uint8Array([0]));
    const strict = new IterableQueue<Uint8Array>({ transport, redelivery: 'required' });
    const report = await run(transport, {
      out: queue.producer(),
      full: full.producer(),
      strict: strict.producer(),
    });
    expect(report).toEqual({
      moved: 0,
      tried: 0,
      refusal: 'TRANSFER_REFUSED',
      refusalTried: 'TRANSFER_REFUSED',
      refused: [7, 8, 9],
      whileParked: 3,
      aborted: 'ABORTED',
      late: 'TIMED_OUT',
      noRoom: false,
      kept: [10, 11, 12],
    });
    const deliveries = queue.consumer().deliveries();
    for (const bytes of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      const { value: delivery } = await deliveries.next();
      expect(delivery).toMatchObject({ value: new Uint8Array(bytes), moved: true, attempt: 1 });
      delivery?.ack();
    }
    expect(await full.stats()).toMatchObject({ size: 1, put: 1 });
    expect(await strict.stats()).toMatchObject({ put: 0 });
  });
});

/** A thread that settles some plain items, and then has moved ones: one in its hand, and perhaps more. */
async function holdMoved(then: 'nack' | 'hold', settle = 0) {
  const transport = openTransport();
  const queue = new IterableQueue<Uint8Array>({ transport });
  const said = new IterableQueue<string>({ transport });
  const producer = queue.producer();
  queue.close();
  for (let n = 0; n < settle; n++) void producer.put(new Uint8Array([n]));
  for (let n = 0; n < 4; n++) {
    const bytes = new Uint8Array([100 + n]);
    await producer.put(bytes, { transfer: [bytes.buffer] });
    expect(bytes.length).toBe(0);
  }
  await producer.close();
  const worker = transport.start(handingBack, {
    source: queue.consumer(),
    out: said.producer(),
    settle,
    then,
  });
  expect(await said.consumer().get()).toBe('true 100');
  return { transport, queue, worker };
}

async function rest(queue: IterableQueue<Uint8Array>) {
  const found: [number | undefined, boolean, number][] = [];
  for await (const delivery of queue.consumer().deliveries()) {
    found.push([delivery.value[0], delivery.moved, delivery.attempt]);
    delivery.ack();
  }
  return found;
}

describe('a moved item that was delivered', () => {
  it('is dropped, and counted, when it is given back', async () => {
    const { queue, worker } = await holdMoved('nack');
    worker.stop();
    await worker.result();
    const others = await rest(queue);
    expect(others.map(([n]) => n)).toEqual([101, 102, 103]);
    expect(others.every(([, moved]) => moved)).toBe(true);
    expect(await queue.stats()).toMatchObject({ put: 4, acked: 3, dropped: 1 });
  });

  it('is dropped, and counted, when its consumer dies', async () => {
    const { queue, worker } = await holdMoved('hold');
    await worker.terminate();
    const others = (await rest(queue)).map(([n]) => n);
    expect(others).not.toContain(100);
    // Moved items that lay with the dead thread are gone with it; the others are delivered once.
    const { acked, dropped, redelivered } = await queue.stats();
    expect({ acked, dropped, redelivered }).toEqual({
      acked: others.length,
      dropped: 4 - others.length,
      redelivered: 0,
    });
  });
});

describe('a moved item that was fetched ahead', () => {
  it('comes back whole when another consumer waits', async () => {
    const { queue, worker } = await holdMoved('hold', 200);
    // One is recalled for the consumer that waits now, others come when their holder goes.
    const consumer = queue.consumer();
    const first = await consumer.deliveries().next();
    expect(first.value).toMatchObject({ moved: true });
    first.value?.ack();
    worker.stop();
    await worker.result();
    const found = [first.value?.value[0], ...(await rest(queue)).map(([n]) => n)];
    expect(found.sort()).toEqual([101, 102, 103]);
  });
});

describe('what else can be moved', () => {
  it('is a port, and a stream', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<Movable>({ transport });
    const producer = queue.producer();
    const worker = transport.start(reading, { source: queue.consumer() });
    queue.close();
    const { port1, port2 } = new MessageChannel();
    const heard = once(port1, 'message') as Promise<string[]>;
    await producer.put({ port: port2 }, { transfer: [port2] });
    expect(await heard).toEqual(['from the thread']);
    const stream = new ReadableStream<string>({
      start(controller) {
        controller.enqueue('one');
        controller.enqueue('two');
        controller.close();
      },
    });
    await producer.put({ stream }, { transfer: [stream] });
    await producer.close();
    expect(await worker.result()).toEqual(['one', 'two']);
  });
});
