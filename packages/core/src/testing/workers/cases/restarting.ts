import { Consumer } from '../../../groups/consumer.js';
import { PlainWorker } from '../../../groups/plain-worker.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { carrier, maker, taker } from '../../worker-modules.js';
import { timed, type WorkerCaseSpec } from '../case.js';

/** W8 A worker that fails is started again, with backoff and up to a limit. */
export const restarting: WorkerCaseSpec[] = [
  {
    rule: 'W8',
    name: 'restarts wait longer each time, are limited within a window, and then the failure is final',
    when: timed,
    run: async (t) => {
      const restart = { limit: 3, within: 10_000, backoff: { min: 100, factor: 2, max: 300, jitter: 0 } };
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 0: 'throw' } }, onError: 'restart', restart }));
      await t.does('start', () => group.start());
      await t.pass(1000);
      const failures = log.filter((line) => line.startsWith('failure'));
      equal(failures, [100, 200, 300].map((ms) => `failure WORK_FAILED, restart in ${String(ms)}`).concat('failure WORK_FAILED'), 'failures');
      equal(log.filter((line) => line.startsWith('started')), [1, 2, 3, 4].map((n) => `started ${String(n)}`), 'starts');
      equal(group.state, 'stopped', 'the state');
      await t.refuses('finished', () => group.finished(), 'WORK_FAILED');
      // Each run left its error in the outbox, at its place.
      for (let run = 0; run < 4; run++) await t.refuses('get', () => group.get(), 'WORK_FAILED');
      equal((await t.refuses('get, at the end', () => group.get(), 'WORK_FAILED')).message.includes(group.name), true, 'the failure names it');
    },
  },
  {
    rule: 'W8',
    name: 'restarts of which the window has lost sight do not count',
    when: timed,
    run: async (t) => {
      const restart = { limit: 1, within: 1000, backoff: { min: 10, jitter: 0 } };
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 1: 'throw' } }, interval: 1500, onError: 'restart', restart }));
      await t.does('start', () => group.start());
      await t.pass(10_000);
      equal(group.state, 'started', 'the state');
      ok(log.filter((line) => line.startsWith('started')).length > 5, `it was started again and again: ${String(log)}`);
      await t.does('stop', () => group.stop());
    },
  },
  {
    rule: 'W8',
    name: 'without a policy a failure is final, and nobody waits for ever',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 1: 'throw' } }, onError: 'restart' }));
      await t.does('start', () => group.start());
      const iterating = t.op('iterating', async () => {
        let [errors, items] = [0, 0];
        for (;;)
          try {
            for await (const _ of group) items++;
            return items;
          } catch (error) {
            if (++errors === 2) throw error;
          }
      });
      await t.refused(iterating, 'WORK_FAILED');
      await t.does('whenState', () => group.whenState('stopped'));
      equal(log.slice(-2), ['failure WORK_FAILED', 'state stopped'], 'its last events');
      equal(group.report(), [], 'the report of what does not run');
    },
  },
  {
    rule: 'W8',
    name: 'a slot keeps its queue open while a worker is away, and is given up when it is gone for good',
    run: async (t) => {
      const [from, to] = [t.queue(), t.queue()];
      const restart = { limit: 1, backoff: { min: 50, jitter: 0 } };
      const args = { from: from.consumerSlot(), to: to.producerSlot(), at: { 2: 'throw' } } as const;
      const { group, log } = t.watch(new PlainWorker(carrier, { transport: t.transport, args, restart }));
      await t.does('start', () => group.start());
      to.close();
      const arrived = t.op('iterating', async () => {
        const all: number[] = [];
        for await (const n of to.consumer()) all.push(n);
        return all;
      });
      await t.does('put', () => from.producer().putMany([1, 2, 3]));
      await t.until('it is away', () => log.includes('failure WORKER_FAILED, restart in 50'));
      await t.waits(arrived);
      await t.pass(50);
      // It fails of the same item again, for good.
      await t.gives(arrived, [1]);
      await t.refuses('finished', () => group.finished(), 'WORKER_FAILED');
      equal((await from.stats()).size, 2, 'what it had in hand, and what it had not begun, went back');
    },
  },
  {
    rule: 'W8',
    name: 'a stop while a worker waits to be started again does not wait with it',
    run: async (t) => {
      const restart = { backoff: { min: 1_000_000, max: 1_000_000, jitter: 0 } };
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 0: 'throw' } }, onError: 'restart', restart }));
      await t.does('start', () => group.start());
      await t.until('it is away', () => log.some((line) => line.startsWith('failure')));
      equal(group.report().map(({ state, restarts }) => [state, restarts]), [['waiting', 0]], 'the report');
      const early = t.op('send', () => group.send('steps'));
      await t.waits(early);
      await t.does('stop', () => group.stop());
      await t.refused(early, 'WORKER_NOT_RUNNING');
      await t.does('finished', () => group.finished());
    },
  },
  {
    rule: 'W8',
    name: 'of several workers only the one that fails is started again',
    run: async (t) => {
      const restart = { backoff: { min: 10, jitter: 0 } };
      const retry = { retries: 0, then: 'restart' } as const;
      const consumer = t.add(
        new Consumer(taker, { transport: t.transport, count: 3, args: { at: { 7: 'throw' }, runs: 1 }, retry, restart, input: { capacity: 100 } }),
      );
      const [told, results] = [t.heard(consumer.messages), t.heard(consumer.results)];
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany(Array.from({ length: 30 }, (_, n) => n)));
      await t.pass(100);
      await t.until('all are done', () => results.length === 30);
      equal(results.flatMap(({ items }) => items).sort((a, b) => a - b), Array.from({ length: 30 }, (_, n) => n), 'items');
      // Not by its attempts: an item that comes behind later ones counts one more.
      const failures = told.filter((line) => line === 'begin 7').length - 1;
      ok(failures >= 1 && failures <= 3, `failures: ${String(failures)}`);
      // What a worker gave back may be done before the host hears how that worker failed.
      const restarts = (): number => consumer.report().reduce((sum, { restarts }) => sum + restarts, 0);
      await t.until('each failure is known', () => restarts() >= failures);
      equal(restarts(), failures, 'restarts');
      await t.until('they have told', () => told.filter((line) => line === 'start 2').length === failures);
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W8',
    name: 'a start that fails is not repeated; one that fails at a restart counts as a failure like others',
    when: timed,
    run: async (t) => {
      const restart = { limit: 2, backoff: { min: 10, jitter: 0 } };
      const { group, log } = t.watch(
        new Producer(maker, { transport: t.transport, args: { starting: 'throw' }, onError: 'restart', restart }),
      );
      await t.refuses('start', () => group.start(), 'WORKER_START_FAILED');
      equal(log, [], 'its events');
      await t.does('start without that', () => group.start({ at: { 0: 'throw' }, runs: 1, last: 1 }));
      await t.pass(100);
      await t.does('finished', () => group.finished());
      equal(log.filter((line) => line.startsWith('started')), ['started 1', 'started 2'], 'its starts');
    },
  },
];
