import { platform } from '../../runtime/runtime.js';
import { asyncDispose } from '../../queues/travel.js';
import { equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, local } from '../case.js';

/** Q21 At home in the language. These use the endpoints of this process. */
export const language: CaseSpec[] = [
  {
    rule: 'Q21',
    name: 'for await over a consumer endpoint; break, throw and continue do as they say',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 8 });
      const [producer, consumer] = [t.keep(queue.producer()), t.keep(queue.consumer())];
      await t.put(producer, ...numbers(6));
      const got: unknown[] = [];
      for await (const item of consumer) {
        got.push(item);
        if (item === 0) continue;
        if (item === 1) break;
      }
      await t.hasStats(queue, { size: 5, inHand: 0, acked: 1 });
      try {
        for await (const item of consumer) {
          got.push(item);
          if (item === 2) throw new Error('left');
        }
      } catch (error) {
        equal((error as Error).message, 'left', 'the error');
      }
      await t.hasStats(queue, { size: 4, inHand: 0, acked: 2 });
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      for await (const item of consumer) got.push(item);
      equal(got, [0, 1, 1, 2, 2, 3, 4, 5], 'items');
    },
  },
  {
    rule: 'Q21',
    name: 'whatever must be closed has Symbol.asyncDispose',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 2 });
      const [producer, consumer] = [queue.producer(), queue.consumer()];
      const slot = queue.producerSlot();
      await t.put(producer, 1, 2);
      const iterator = consumer.items();
      equal(await t.next(iterator), 1, 'an item');
      const dispose = (what: string, disposable: object): Promise<unknown> =>
        t.given(
          t.op(`dispose of ${what}`, () =>
            (disposable as Record<symbol, () => Promise<void>>)[asyncDispose]!(),
          ),
        );
      await dispose('the iterator', iterator);
      await t.hasStats(queue, { size: 2, inHand: 0 });
      await dispose('the producer', producer);
      await dispose('the consumer', consumer);
      await dispose('the slot', slot);
      await t.hasStats(queue, { producers: 0, consumers: 0 });
      await dispose('the queue', queue);
    },
  },
  {
    rule: 'Q21',
    name: 'an iterator is its own iterable, so that a loop can go on with it',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 4 });
      const [producer, consumer] = [t.keep(queue.producer()), t.keep(queue.consumer())];
      await t.put(producer, 1, 2);
      const iterator = consumer.items();
      ok(iterator[Symbol.asyncIterator]() === iterator, 'another iterator');
      equal(await t.next(iterator), 1, 'the first');
      for await (const item of iterator) {
        equal(item, 2, 'the next');
        break;
      }
      await t.hasStats(queue, { size: 1 });
    },
  },
  {
    rule: 'Q21',
    name: 'a readable stream of the items: one at a time, to the end; cancelling gives back',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 4 });
      const [producer, consumer] = [t.keep(queue.producer()), t.keep(queue.consumer())];
      await t.put(producer, 1, 2, 3);
      const reader = consumer.toReadable().getReader();
      await t.gives(
        t.op('read', () => reader.read()),
        { done: false, value: 1 },
      );
      await t.hasStats(queue, { size: 2, inHand: 1 });
      await t.given(t.op('cancel', () => reader.cancel()));
      await t.hasStats(queue, { size: 3, inHand: 0 });
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const again = consumer.toReadable().getReader();
      for (const n of [1, 2, 3])
        await t.gives(
          t.op('read', () => again.read()),
          { done: false, value: n },
        );
      await t.gives(
        t.op('read', () => again.read()),
        { done: true, value: undefined },
      );
    },
  },
  {
    rule: 'Q21',
    name: 'a writable stream puts with back-pressure, and its closing closes the endpoint',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 1 });
      const [producer, consumer] = [t.keep(queue.producer()), t.keep(queue.consumer())];
      const writer = producer.toWritable().getWriter();
      const writes = numbers(3).map((n) => t.op(`write ${n}`, () => writer.write(n)));
      const close = t.op('close', () => writer.close());
      await t.waits(close, writes[1]!, writes[2]!);
      queue.close();
      await t.gives(t.collect(consumer), [0, 1, 2]);
      await t.given(close);
      ok(producer.closed, 'the endpoint is open');
    },
  },
  {
    rule: 'Q21',
    name: 'putAll takes iterables, async iterables and streams; pipeTo writes to a stream',
    when: local,
    run: async (t) => {
      const queue = t.queue({ capacity: 2 });
      const [producer, consumer] = [t.keep(queue.producer()), t.keep(queue.consumer())];
      const stream = (from: number): ReadableStream<unknown> => {
        let n = from;
        return new platform.ReadableStream<unknown>(
          {
            pull: async (controller) => {
              if (n < from + 2) controller.enqueue(n++);
              else controller.close();
            },
            cancel: () => Promise.resolve(),
          },
          { highWaterMark: 0 },
        );
      };
      const putting = t.op('putAll', async () => {
        await producer.putAll([0, 1, 2]);
        await producer.putAll(
          (async function* () {
            yield 3;
            yield 4;
          })(),
        );
        await producer.putAll(stream(5));
        await producer.close();
      });
      queue.close();
      const written: unknown[] = [];
      let closed = 0;
      const sink = new platform.WritableStream<unknown>({
        write: async (chunk) => {
          written.push(chunk);
        },
        close: async () => {
          closed++;
        },
        abort: () => Promise.resolve(),
      });
      await t.given(t.op('pipeTo', () => consumer.pipeTo(sink)));
      await t.given(putting);
      equal([written, closed], [numbers(7), 1], 'what was written, and closings');
      await t.hasStats(queue, { acked: 7, inHand: 0 });
    },
  },
];
