import type { ErrorCode } from '../../../errors/error.js';
import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { defineWorker } from '../../../workers/ref.js';
import { equal, ok } from '../../assert.js';
import { broken, built, idleClass, maker, noLoop, sum, taker } from '../../worker-modules.js';
import { copies, type WorkerCaseSpec } from '../case.js';
import type Maker from '../modules/maker.js';
import type { MakerArgs } from '../modules/maker.js';

/** Ways in which a producer comes to its end. */
const ends: { readonly how: string; readonly args: MakerArgs; readonly onError?: 'stop' | 'restart'; readonly code?: ErrorCode }[] = [
  { how: 'it says that it is done', args: { last: 1 } },
  { how: 'a step fails and the policy is to stop', args: { at: { 1: 'throw' } }, onError: 'stop', code: 'WORK_FAILED' },
  { how: 'a step fails and the policy is to restart, of which there are none', args: { at: { 1: 'throw' } }, onError: 'restart', code: 'WORK_FAILED' },
];

/** W2 onStart runs once before the first work, onStop once at the end, whatever the end is. */
export const hooks: WorkerCaseSpec[] = [
  {
    rule: 'W2',
    name: 'what onStart gives is handed to work, to onMessage and to onStop',
    run: async (t) => {
      const gate = t.gate();
      const args = { from: 7, at: { 8: 'hold' }, stopping: 'hold', gate: gate.args } as const;
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 5, args }));
      await t.does('start', () => producer.start());
      await gate.open();
      await t.gives(
        t.op('get', () => producer.get()),
        7,
      );
      await t.gives(
        t.op('get', () => producer.get()),
        8,
      );
      const handled = t.op('send', () => producer.send('hold'));
      await t.waits(handled);
      await gate.open();
      await t.given(handled);
      const stopping = t.op('stop', () => producer.stop());
      await t.waits(stopping);
      await gate.open();
      await t.given(stopping);
    },
  },
  {
    rule: 'W2',
    name: 'no message is handled before onStart is done, and none once onStop has begun',
    run: async (t) => {
      const gate = t.gate();
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { starting: 'hold', stopping: 'hold', gate: gate.args } }));
      const told = t.heard(consumer.messages);
      const starting = t.op('start', () => consumer.start());
      await t.until('onStart runs', () => told.length === 1);
      const early = t.op('send while it starts', () => consumer.send('note'));
      await t.waits(early);
      equal(told, ['start 1'], 'what it told before onStart was done');
      await gate.open();
      await t.given(starting);
      await t.given(early);
      const stopping = t.op('stop', () => consumer.stop());
      await t.until('onStop runs', () => told.includes('stop'));
      const late = t.op('send while it stops', () => consumer.send('note'));
      await t.waits(late);
      await gate.open();
      await t.given(stopping);
      await t.refused(late, 'WORKER_NOT_RUNNING');
      equal(told, ['start 1', 'hear note', 'heard note', 'stop'], 'what it told');
    },
  },
  ...ends.map(({ how, args, onError, code }): WorkerCaseSpec => ({
    rule: 'W2',
    name: `onStop runs once when ${how}`,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args, onError }));
      const told = t.heard(producer.messages);
      const over = t.op('finished', async () => {
        await producer.start();
        await producer.finished();
      });
      if (code === undefined) await t.given(over);
      else await t.refused(over, code);
      equal(told, ['start 1', 'started', 'stop'], 'what it told');
    },
  })),
  {
    rule: 'W2',
    name: 'each run of a worker that is restarted has its own onStart and onStop',
    run: async (t) => {
      const restart = { limit: 2, backoff: { min: 0 } };
      const producer = t.add(
        new Producer(maker, { transport: t.transport, args: { at: { 1: 'throw' }, runs: 2, last: 2 }, onError: 'restart', restart }),
      );
      const told = t.heard(producer.messages);
      const over = t.op('finished', async () => {
        await producer.start();
        await producer.finished();
      });
      await t.pass(20);
      await t.given(over);
      const run = (n: number): string[] => [`start ${String(n)}`, 'started', 'stop'];
      equal(told, [...run(1), ...run(2), ...run(3)], 'what it told');
    },
  },
  {
    rule: 'W2',
    name: 'a consumer runs onStop once when it is stopped, when its queue ends, and when it says that it is done',
    run: async (t) => {
      for (const how of ['stop', 'drain', 'end', 'done'] as const) {
        const input = t.queue();
        const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { last: how === 'done' ? 1 : undefined } }));
        const told = t.heard(consumer.messages);
        await t.does('start', () => consumer.start());
        const producer = input.producer();
        await t.does('put', () => producer.put(1));
        if (how === 'stop') await t.until('it works', () => told.includes('done 1'));
        if (how === 'end') {
          input.close();
          await t.does('close', () => producer.close());
        }
        await t.does(how, () =>
          how === 'stop' ? consumer.stop() : how === 'drain' ? consumer.stopAtQueueEnd() : consumer.finished(),
        );
        equal(told, ['start 1', 'begin 1', 'done 1', 'stop'], `what it told (${how})`);
      }
    },
  },
  {
    rule: 'W2',
    name: 'an onStart that throws makes the start fail with WORKER_START_FAILED, and leaves nothing',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { starting: 'throw' } }));
      const sent = t.op('send before the start', () => group.send('steps'));
      const error = await t.refuses('start', () => group.start(), 'WORKER_START_FAILED');
      equal((error.cause as Error).message, 'no -1', 'the cause');
      ok(error.message.includes(group.name) && error.message.includes('no -1'), `it should say who failed and why: ${error.message}`);
      await t.refused(sent, 'WORKER_START_FAILED');
      equal(group.state, 'stopped', 'the state');
      equal(log.filter((line) => line.startsWith('state')), [], 'its states');
      await t.refuses('get', () => group.get(), 'WORKER_START_FAILED');
      await t.does('start without that', () => group.start({}));
      await t.does('stop', () => group.stop());
    },
  },
  {
    rule: 'W2',
    name: 'when one of several cannot start, the others are stopped by their onStop',
    run: async (t) => {
      const gate = t.gate();
      const producer = t.add(new Producer(maker, { transport: t.transport, count: 3, args: { starting: 'hold', gate: gate.args } }));
      const told = t.heard(producer.messages);
      const starting = t.op('start', () => producer.start());
      await t.until('all have begun', () => told.length === 3);
      const sent = [t.op('send', () => producer.send('steps'))];
      const stopping = t.op('stop', () => producer.stop());
      await gate.open(3);
      await t.given(stopping);
      await t.given(starting);
      for (const send of sent) if (send.state === 'failed') await t.refused(send, 'WORKER_NOT_RUNNING');
      equal(told.filter((line) => line === 'stop').length, 3, 'workers that ran onStop');
    },
  },
  {
    rule: 'W2',
    name: 'a constructor gets the arguments, and when it throws the start fails with WORKER_START_FAILED',
    run: async (t) => {
      const producer = t.add(new Producer(built, { transport: t.transport, args: { word: 'mill' } }));
      await t.does('start', () => producer.start());
      await t.gives(
        t.op('get', () => producer.get()),
        'mill',
      );
      await t.does('stop', () => producer.stop());
      const error = await t.refuses('start', () => producer.start({ word: '' }), 'WORKER_START_FAILED');
      equal((error.cause as Error).message, 'no word', 'the cause');
    },
  },
  {
    rule: 'W2',
    name: 'what cannot be run is refused when it is started, and not later: the code says why',
    run: async (t) => {
      const { transport } = t;
      const gone = defineWorker<typeof Maker>(
        () => Promise.reject(new Error('no such module')),
        (broken.url ?? '').replace('broken', 'gone'),
      );
      const cases: readonly (readonly [Producer<never>  , ErrorCode, string])[] = [
        [new Producer(idleClass, { transport }), 'WORKER_NO_ENTRY', 'a class without work'],
        [new Producer(noLoop, { transport }), 'WORKER_NO_ENTRY', 'a function that is no generator'],
        [new Producer(broken, { transport }), 'WORKER_LOAD_FAILED', 'a module that throws'],
        [new Producer(gone, { transport }), (t.target.tellsMissing ?? copies(t.target)) ? 'WORKER_MODULE_NOT_FOUND' : 'WORKER_LOAD_FAILED', 'no module'],
      ];
      for (const [producer, code, what] of cases) await t.refuses(`start ${what}`, () => t.add(producer).start(), code);
      const consumer = t.add(new Consumer(idleClass as never, { transport }));
      await t.refuses('start a consumer without work', () => consumer.start(), 'WORKER_NO_ENTRY');
    },
  },
  {
    rule: 'W2',
    name: 'an onStop that throws is heard of by whoever stops it, once it has stopped',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { stopping: 'throw' } }));
      await t.does('start', () => group.start());
      const error = await t.refuses('stop', () => group.stop(), 'WORK_FAILED');
      equal((error.cause as Error).message, 'no -2', 'the cause');
      equal(group.state, 'stopped', 'the state');
      ok(log.includes('failure WORK_FAILED'), `it should be told as a failure: ${String(log)}`);
    },
  },
  {
    rule: 'W2',
    name: 'a consumer may be a function',
    run: async (t) => {
      const consumer = t.add(new Consumer(sum, { transport: t.transport, batchSize: 3, interval: 1_000_000 }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('putMany', () => consumer.queue.producer().putMany([1, 2, 3]));
      await t.until('it is done', () => results.length > 0);
      await t.does('stop', () => consumer.stop());
      equal(results, [6], 'results');
    },
  },
];
