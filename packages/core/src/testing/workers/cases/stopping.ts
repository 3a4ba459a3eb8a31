import { Consumer, type ConsumerOptions } from '../../../groups/consumer.js';
import { equal, ok } from '../../assert.js';
import { numbers } from '../../bench.js';
import { taker } from '../../worker-modules.js';
import { timed, type WorkerCaseSpec } from '../case.js';
import { ASKED } from '../modules/deeds.js';
import type { Worked } from '../modules/taker.js';

function items(results: readonly Worked[]): number[] {
  return results.flatMap(({ items }) => items);
}

/** What waits when the end is asked for: so many items, of which so many are worked on or gathered. */
const waiting: { readonly what: string; readonly count: number; readonly options: Partial<ConsumerOptions<number>> }[] = [
  { what: 'no items', count: 0, options: {} },
  { what: 'no items and a batch that would wait', count: 0, options: { batchSize: 4, interval: 1_000_000 } },
  { what: 'one item', count: 1, options: {} },
  { what: 'gathered items', count: 3, options: { batchSize: 4, interval: 1_000_000 } },
  { what: 'queued items', count: 11, options: {} },
  { what: 'queued and gathered items', count: 11, options: { batchSize: 4, interval: 1_000_000 } },
  { what: 'items for several lanes', count: 40, options: { batchSize: 3, interval: 1_000_000, concurrency: 4 } },
  { what: 'items for several workers', count: 40, options: { batchSize: 3, interval: 1_000_000, count: 3 } },
];

/** W6 A stop finishes what is in hand and gives back the rest; a stop at the queue's end works on all of it. */
export const stopping: WorkerCaseSpec[] = [
  ...(['its own queue', 'a given queue'] as const).map((kind): WorkerCaseSpec => ({
    rule: 'W6',
    name: `a stop finishes the batch in hand and gives the rest back unbegun: the next run works on it (${kind})`,
    run: async (t) => {
      const gate = t.gate();
      const input = kind === 'a given queue' ? t.queue({ capacity: 100 }) : { capacity: 100 };
      const args = { at: { 1: 'hold' }, gate: gate.args, heeds: true } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, batchSize: 2, interval: 1_000_000, args }));
      const [told, results] = [t.heard(consumer.messages), t.heard(consumer.results)];
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany(numbers(7)));
      await t.until('the first batch has begun', () => told.includes('begin 0 1'));
      const stopping = t.op('stop', () => consumer.stop());
      await t.until('it has heard of the stop', () => told.includes(ASKED));
      await t.waits(stopping);
      await gate.open();
      await t.given(stopping);
      equal(told, ['start 1', 'begin 0 1', ASKED, 'done 0 1', 'stop'], 'what it told');
      equal((await consumer.queue.stats()).size, 5, 'what went back');
      await t.does('start again', () => consumer.start());
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(items(results), numbers(7), 'items worked on');
      equal(results.flatMap(({ attempts }) => attempts), Array(7).fill(1), 'their attempts');
    },
  })),
  {
    rule: 'W6',
    name: 'a stop does not wait for the time of a batch that is gathered, and loses none of it',
    run: async (t) => {
      const input = t.queue({ capacity: 100 });
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, batchSize: 3, interval: 1_000_000 }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany(numbers(8)));
      await t.until('two batches are done', () => results.length === 2);
      await t.does('stop', () => consumer.stop());
      equal(items(results), numbers(6), 'items worked on');
      equal(await t.takes(input.consumer(), 2), [6, 7], 'what went back');
      if (timed(t.target)) equal(t.clock.pending().timers, 0, 'timers');
    },
  },
  ...waiting.flatMap(({ what, count, options }) =>
    (['its own queue', 'a given queue'] as const).map((kind): WorkerCaseSpec => ({
      rule: 'W6',
      name: `a stop at the queue's end works on ${what} exactly once each, runs onStop, and then it has stopped (${kind})`,
      run: async (t) => {
        const input = kind === 'a given queue' ? t.queue({ capacity: 100 }) : { capacity: 100 };
        const { group, log } = t.watch(new Consumer(taker, { ...options, transport: t.transport, input }));
        const [told, results] = [t.heard(group.messages), t.heard(group.results)];
        await t.does('start', () => group.start());
        await t.does('put', () => group.queue.producer().putMany(numbers(count)));
        await t.does('stop at the end', () => group.stopAtQueueEnd());
        equal(group.state, 'stopped', 'the state');
        equal(items(results).sort((a, b) => a - b), numbers(count), 'items worked on');
        const workers = options.count ?? 1;
        equal(told.filter((line) => line === 'stop').length, workers, 'how often onStop ran');
        equal(told.slice(-1), ['stop'], 'the last that it told');
        equal(log.slice(-2), ['state draining', 'state stopped'], 'its last events');
        const { size, inHand, acked } = await group.queue.stats();
        equal({ size, inHand, acked }, { size: 0, inHand: 0, acked: count }, 'the queue');
      },
    })),
  ),
  {
    rule: 'W6',
    name: "a stop at the queue's end finishes what is in work, with its retries",
    run: async (t) => {
      const retry = { backoff: { min: 10, jitter: 0 } };
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'throw' }, tries: 2 }, retry }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      const stopping = t.op('stop at the end', () => consumer.stopAtQueueEnd());
      await t.pass(100);
      await t.given(stopping);
      equal(results.map(({ items, tries }) => [items, tries]), [[[0], 1], [[1], 3], [[2], 1]], 'what it worked on, with tries');
    },
  },
  {
    rule: 'W6',
    name: "while a consumer works towards its queue's end, its queue takes nothing more; the next start opens it",
    run: async (t) => {
      const gate = t.gate();
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { at: { 0: 'hold' }, gate: gate.args } }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      const producer = consumer.queue.producer();
      await t.does('put', () => producer.putMany([0, 1]));
      await t.until('it is at work', async () => (await consumer.queue.stats()).inHand > 0);
      const stopping = t.op('stop at the end', () => consumer.stopAtQueueEnd());
      await t.waits(stopping);
      equal(await t.does('put', () => producer.put(2)), 'refused', 'the answer to a put meanwhile');
      await gate.open();
      await t.given(stopping);
      equal(await t.does('put', () => producer.put(3)), 'refused', 'the answer to a put when it has stopped');
      equal(items(results), [0, 1], 'what it worked on');
      await t.does('start', () => consumer.start());
      equal(await t.does('put', () => producer.put(4)), 'accepted', 'the answer to a put when it runs again');
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(items(results), [0, 1, 4], 'what it worked on in all');
    },
  },
  {
    rule: 'W6',
    name: 'a queue that two consumers share is ready until the last of them stops',
    run: async (t) => {
      const input = t.readyQueue({ capacity: 10 });
      const [one, two] = [t.add(new Consumer(taker, { transport: t.transport, input })), t.add(new Consumer(taker, { transport: t.transport, input }))];
      const producer = input.producer();
      equal(await t.does('put', () => producer.put(0)), 'refused', 'the answer before any runs');
      await t.does('start one', () => one.start());
      await t.does('start two', () => two.start());
      await t.does('stop one', () => one.stopAtQueueEnd());
      const results = t.heard(two.results);
      equal(await t.does('put', () => producer.put(1)), 'accepted', 'the answer while one of them runs');
      await t.does('stop two', () => two.stopAtQueueEnd());
      equal(items(results), [1], 'what the other worked on');
      equal(await t.does('put', () => producer.put(2)), 'refused', 'the answer when both have stopped');
    },
  },
  {
    rule: 'W6',
    name: "a stop cuts a stop at the queue's end short: the rest stays in the queue",
    run: async (t) => {
      const gate = t.gate();
      const input = t.queue({ capacity: 100 });
      const at = { 0: 'hold' } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { at, gate: gate.args, heeds: true } }));
      const [told, results] = [t.heard(consumer.messages), t.heard(consumer.results)];
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany(numbers(5)));
      await t.until('it is at work', async () => (await input.stats()).inHand > 0);
      const draining = t.op('stop at the end', () => consumer.stopAtQueueEnd());
      await t.waits(draining);
      const stopping = t.op('stop', () => consumer.stop());
      await t.until('it has heard of the stop', () => told.includes(ASKED));
      await t.waits(stopping);
      await gate.open();
      await t.given(stopping);
      await t.given(draining);
      equal(items(results), [0], 'what it worked on');
      equal(await t.takes(input.consumer(), 4), [1, 2, 3, 4], 'what is left');
    },
  },
  {
    rule: 'W6',
    name: "a stop at the queue's end before the start is harmless, and while it starts works on what is there",
    run: async (t) => {
      const gate = t.gate();
      const input = t.queue();
      const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, input, args: { starting: 'hold', gate: gate.args } }));
      const [told, results] = [t.heard(group.messages), t.heard(group.results)];
      await t.does('stop at the end, not started', () => group.stopAtQueueEnd());
      await t.does('put', () => input.producer().putMany([0, 1]));
      const starting = t.op('start', () => group.start());
      await t.until('onStart runs', () => told.length === 1);
      const stopping = t.op('stop at the end', () => group.stopAtQueueEnd());
      await t.waits(stopping);
      await gate.open();
      await t.given(starting);
      await t.given(stopping);
      equal(items(results), [0, 1], 'what it worked on');
      ok(!log.includes('state started'), `it never was more than draining: ${String(log)}`);
    },
  },
  {
    rule: 'W6',
    name: 'a worker that says it is done finishes its batch, and the rest stays in the queue',
    run: async (t) => {
      const input = t.queue({ capacity: 100 });
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { last: 2 } }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany(numbers(6)));
      await t.does('finished', () => consumer.finished());
      equal(items(results), [0, 1, 2], 'what it worked on');
      equal(await t.takes(input.consumer(), 3), [3, 4, 5], 'what is left');
    },
  },
];
