import { IterableQueue, type ProducerEndpoint, type Transport } from '@millrace/core';
import { redis } from '@millrace/redis-adapter';

import { CHUNK, REDIS_CAPACITY } from '../../contenders/sizes.js';
import type { Job, Way } from '../way.js';

type Library = 'redis' | 'ioredis';

/** Bounded, at least once; a producer awaits each put, and a consumer takes what it is given in its loop. */
function way({ library = 'redis', confirm = 'batch', chunk = 1 }: { library?: Library; confirm?: 'each' | 'batch'; chunk?: number }): Way {
  return {
    async produce(job, items, pause) {
      await using transport = open(job, library);
      const queues = queuesOf(job, transport, confirm);
      const producers = queues.map((queue) => queue.producer());
      let turn = 0;
      const next = (): ProducerEndpoint<unknown> => producers[turn++ % producers.length]!;
      if (chunk > 1) for (const block of chunks(items, chunk)) await next().putMany(block);
      else await putEach(items, next, pause);
      await Promise.all(producers.map((producer) => producer.close()));
    },
    async consume(job, see, stop, ready) {
      await using transport = open(job, library);
      const queues = queuesOf(job, transport, confirm);
      const consumers = queues.map((queue) => queue.consumer());
      await Promise.all(queues.map((queue) => queue.stats()));
      ready();
      stop.addEventListener('abort', () => {
        for (const queue of queues) queue.close();
      });
      await Promise.all(
        consumers.map(async (consumer) => {
          if (chunk === 1) for await (const item of consumer) see(item);
          else for await (const batch of consumer.batches({ max: chunk })) for (const item of batch) see(item);
        }),
      );
    },
  };
}

async function putEach(items: Iterable<unknown>, next: () => ProducerEndpoint<unknown>, pause: (() => Promise<void>) | undefined): Promise<void> {
  for (const item of items) {
    await next().put(item);
    if (pause !== undefined) await pause();
  }
}

function open({ host, port, cluster }: Job, library: Library): Transport & AsyncDisposable {
  const transport = redis(cluster ? { cluster: [{ host, port }], library } : { url: `redis://${host}:${String(port)}`, library });
  return { ...transport, [Symbol.asyncDispose]: () => transport.close() };
}

function queuesOf({ queue, topics }: Job, transport: Transport, confirm: 'each' | 'batch'): IterableQueue<unknown>[] {
  return Array.from(
    { length: topics },
    (_, i) => new IterableQueue<unknown>({ transport, name: `${queue}-${String(i)}`, capacity: REDIS_CAPACITY, confirm }),
  );
}

function* chunks(items: Iterable<unknown>, size: number): Iterable<unknown[]> {
  let block: unknown[] = [];
  for (const item of items) {
    block.push(item);
    if (block.length < size) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

export const plain = way({});
export const plainIoredis = way({ library: 'ioredis' });
export const inChunks = way({ chunk: CHUNK });
export const each = way({ confirm: 'each' });
