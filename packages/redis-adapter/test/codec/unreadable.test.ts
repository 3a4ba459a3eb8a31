import { IterableQueue, type QueueOptions } from '@millrace/core';
import type { FarConsumer, FarIterator, FarProducer, Fixture } from '@millrace/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Items } from '../../src/codec/index.ts';
import { bytesLinksTarget } from '../conformance/bytes-links.ts';

/** Writes anything and reads all but what begins with "bad". */
const items = new Items({
  codec: {
    id: 40,
    name: 'picky',
    encode: (value) => Buffer.from(String(value)),
    decode: (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (text.startsWith('bad')) throw new Error('worse than expected');
      return text;
    },
  },
});

let fixture: Fixture;
let open: readonly (FarProducer | FarConsumer)[];

async function pair(options: QueueOptions = {}): Promise<{ queue: IterableQueue<unknown>; producer: FarProducer; consumer: FarConsumer }> {
  fixture = await bytesLinksTarget({ items }).create({});
  const queue = new IterableQueue<unknown>({ transport: fixture.transport, ...options });
  const producer = await fixture.producer(queue);
  const consumer = await fixture.consumer(queue);
  open = [producer, consumer];
  return { queue, producer, consumer };
}

afterEach(async () => {
  await soon(Promise.all(open.map((endpoint) => endpoint.close())));
  await fixture.dispose();
  await fixture.settle();
  expect(await fixture.leftovers()).toEqual([]);
});

async function collect(from: FarIterator<unknown>): Promise<unknown[]> {
  const got: unknown[] = [];
  for (let next = await from.next(); next.done !== true; next = await from.next()) got.push(next.value);
  return got;
}

async function put(producer: FarProducer, ...values: unknown[]): Promise<void> {
  for (const value of values) void producer.put(value);
  await fixture.settle();
}

/** Settles while the promise is on its way. */
async function soon<T>(promise: T | Promise<T>): Promise<T> {
  await fixture.settle();
  return await promise;
}

describe.each<QueueOptions>([{}, { acknowledge: 'on-take' }, { overflow: 'drop-oldest', capacity: 100 }])('an item that cannot be read, on a queue with %j', (options) => {
  it('fails alone: the others come, and it becomes a dead letter that says why', async () => {
    const { queue, producer, consumer } = await pair(options);
    const all = collect(consumer.items());
    await put(producer, 'a', 'bad 1', 'b', 'bad 2', 'bad 3', 'c', 'bad 4');
    queue.close();
    void producer.close();
    await fixture.settle();
    expect(await all).toEqual(['a', 'b', 'c']);
    const letters = await queue.deadLetters.read();
    expect(letters.map(({ error }) => (error as { code: string }).code)).toEqual(Array.from({ length: 4 }, () => 'VALUE_UNREADABLE'));
    expect((letters[0]!.error as Error).message).toContain('worse than expected');
    expect(Buffer.from(letters[0]!.value as Uint8Array).toString()).toBe('(bad 1');
    expect(await queue.stats()).toMatchObject({ put: 7, acked: 3, dead: 4, size: 0, inHand: 0 });
  });

  it('leaves whoever waits in line, in order', async () => {
    const { producer, consumer } = await pair(options);
    const first = consumer.get();
    const second = consumer.get();
    await put(producer, 'bad 1', 'bad 2');
    await put(producer, 'bad 3', 'a');
    await put(producer, 'bad 4', 'b', 'bad 5');
    expect(await soon(first)).toBe('a');
    expect(await soon(second)).toBe('b');
  });

  it('is passed over by a get that does not wait', async () => {
    const { producer, consumer } = await pair(options);
    await put(producer, 'bad 1', 'bad 2', 'a', 'bad 3');
    expect(await soon(consumer.tryGet())).toEqual(expect.objectContaining({ value: 'a' }));
    expect(await soon(consumer.tryGet())).toBeUndefined();
  });

  it('has no place in a batch', async () => {
    const { queue, producer, consumer } = await pair(options);
    const all = collect(consumer.batches({ max: 3, within: 1000 }));
    await put(producer, 'a', 'bad 1', 'b', 'bad 2', 'c', 'd');
    queue.close();
    void producer.close();
    await fixture.settle();
    expect(await all).toEqual([['a', 'b', 'c'], ['d']]);
  });
});
