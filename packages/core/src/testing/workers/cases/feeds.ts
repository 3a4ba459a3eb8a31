import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { numbers } from '../../bench.js';
import { maker, sum, taker } from '../../worker-modules.js';
import { copies, type WorkerCaseSpec } from '../case.js';

async function toTheEnd<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of source) all.push(value);
  return all;
}

/** W6 Results and messages reach the host in order, and can be iterated and listened to. */
export const feeds: WorkerCaseSpec[] = [
  {
    rule: 'W6',
    name: 'results and messages come in order, to listeners and iterations, from before the start until the end of the run',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport }));
      const heard = t.heard(consumer.results);
      for (let run = 0; run < 2; run++) {
        const results = t.op('iterating over the results', () => toTheEnd(consumer.results));
        const messages = t.op('iterating over the messages', () => toTheEnd(consumer.messages));
        await t.does('start', () => consumer.start());
        await t.does('put', () => consumer.queue.producer().putMany(numbers(50)));
        await t.does('stop at the end', () => consumer.stopAtQueueEnd());
        if (run === 0) {
          equal((await t.given(results)).flatMap(({ items }) => items), numbers(50), 'results iterated');
          equal((await t.given(messages)).filter((line) => line.startsWith('done')), numbers(50).map((n) => `done ${String(n)}`), 'messages iterated');
        } else {
          // Begun when the run before was over, and so over at once; what is kept of this run is there afterwards.
          await t.given(results);
          await t.given(messages);
          equal((await t.does('iterating', () => toTheEnd(consumer.results))).length, 50, 'results kept');
        }
      }
      equal(heard.flatMap(({ items }) => items), [...numbers(50), ...numbers(50)], 'results heard');
    },
  },
  {
    rule: 'W6',
    name: 'of what nobody iterates over the newest are kept, so many, and the others are counted',
    run: async (t) => {
      const consumer = t.add(new Consumer(sum, { transport: t.transport, feed: 3 }));
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany(numbers(10, 1)));
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(await t.does('dropped', () => consumer.results.dropped()), 7, 'dropped');
      equal(await t.does('iterating', () => toTheEnd(consumer.results)), [8, 9, 10], 'kept');
      await t.does('start', () => consumer.start());
      await t.does('stop', () => consumer.stop());
      equal(await t.does('dropped', () => consumer.results.dropped()), 7, 'dropped after another run');
    },
  },
  {
    rule: 'W6',
    name: 'each result goes to one iteration; one that was left leaves the rest to others',
    run: async (t) => {
      const consumer = t.add(new Consumer(sum, { transport: t.transport }));
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([1, 2, 3]));
      await t.does('the first', async () => {
        for await (const result of consumer.results) {
          equal(result, 1, 'the first result');
          break;
        }
      });
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(await t.does('the rest', () => toTheEnd(consumer.results)), [2, 3], 'the rest');
    },
  },
  {
    rule: 'W6',
    name: 'a listener that has left hears nothing more',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1 }));
      const heard: string[] = [];
      const off = producer.messages.on((line) => heard.push(line));
      const all = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      await t.until('it has started', () => heard.length === 2);
      off();
      off();
      await t.does('stop', () => producer.stop());
      ok(all.includes('stop'), 'the others hear of the stop');
      equal(heard, ['start 1', 'started'], 'what it heard');
    },
  },
  {
    rule: 'W6',
    name: 'a result that cannot be copied is told as an error, and its batch is done all the same',
    when: copies,
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { unfit: 1 } }));
      const results = t.heard(consumer.results);
      const failed = t.event(consumer, 'error');
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      equal((await t.given(failed)).error.code, 'VALUE_NOT_CLONEABLE', 'the error');
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(results.map(({ items }) => items), [[0], [2]], 'results');
      equal((await consumer.queue.stats()).acked, 3, 'items acknowledged');
    },
  },
  {
    rule: 'W6',
    name: 'a message that cannot be copied fails where it is sent',
    when: copies,
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { tells: 1 }, retry: { retries: 0 } }));
      const failed = t.event(consumer, 'error');
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      equal(((await t.given(failed)).error.cause as { code?: unknown }).code, 'VALUE_NOT_CLONEABLE', 'the cause');
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      const { acked, dead } = await consumer.queue.stats();
      equal([acked, dead], [2, 1], 'items done, and dead letters');
    },
  },
];
