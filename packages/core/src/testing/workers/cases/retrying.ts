import { Consumer } from '../../../groups/consumer.js';
import { equal, ok } from '../../assert.js';
import { taker } from '../../worker-modules.js';
import { timed, type WorkerCaseSpec } from '../case.js';

const QUICK = { backoff: { min: 1, max: 1, jitter: 0 } };

/** W7 A batch whose work throws is tried again, and then dead-lettered, given back, or the worker's end. */
export const retrying: WorkerCaseSpec[] = [
  {
    rule: 'W7',
    name: 'a batch is tried again after growing waits, and goes to the dead letters when that was of no use',
    when: timed,
    run: async (t) => {
      const retry = { retries: 3, backoff: { min: 100, factor: 2, jitter: 0 } };
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'throw' } }, retry }));
      const [told, results] = [t.heard(consumer.messages), t.heard(consumer.results)];
      const tries = (): number => told.filter((line) => line === 'begin 1').length;
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([1, 2]));
      await t.settle();
      for (const [wait, tried] of [[90, 1], [10, 2], [190, 2], [10, 3], [390, 3], [10, 4]] as const) {
        await t.pass(wait);
        equal(tries(), tried, `tries after another ${String(wait)} ms`);
      }
      equal(results.map(({ items }) => items), [[2]], 'what succeeded');
      const [dead] = await t.does('dead letters', () => consumer.queue.deadLetters.read());
      equal(dead?.value, 1, 'the dead letter');
      equal(((dead?.error as Error).cause as Error).message, 'no 1', 'its error');
      await t.does('join', () => consumer.queue.join());
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W7',
    name: 'an error in a batch is told with name, message, stack and cause, each time',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'throw' }, tries: 2 }, retry: QUICK }));
      const told: unknown[] = [];
      consumer.on('error', ({ error }) => {
        const cause = error.cause as Error & { cause: Error };
        told.push([error.code, cause.name, cause.message, cause.cause.message, cause.stack?.includes('perform')]);
      });
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([1, 2]));
      await t.pass(50);
      await t.until('both are done', () => results.length === 2);
      const one = ['WORK_FAILED', 'RangeError', 'no 1', 'none left', true];
      equal(told, [one, one], 'errors');
      equal(results.map(({ items, tries, attempts }) => [items, tries, attempts]), [[[1], 3, [1]], [[2], 1, [1]]], 'results with tries and attempts');
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W7',
    name: 'only what is not settled of a batch is tried again',
    run: async (t) => {
      const args = { settles: { 1: 'ack' }, at: { 2: 'throw' }, tries: 1 } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, batchSize: 3, interval: 1_000_000, args, retry: QUICK }));
      const told = t.heard(consumer.messages);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([1, 2, 3]));
      await t.until('it is at work', () => told.includes('begin 1 2 3'));
      const stopping = t.op('stop at the end', () => consumer.stopAtQueueEnd());
      await t.pass(50);
      await t.given(stopping);
      equal(told, ['start 1', 'begin 1 2 3', 'begin 2 3', 'done 2 3', 'stop'], 'what it told');
    },
  },
  {
    rule: 'W7',
    name: 'with no retries the policy holds at once; given back, a batch comes again, until it has been delivered too often',
    run: async (t) => {
      const retry = { ...QUICK, retries: 0, then: 'requeue' } as const;
      const input = t.queue({ maxDeliveries: 3 });
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { at: { 1: 'throw' } }, retry }));
      const [told, results] = [t.heard(consumer.messages), t.heard(consumer.results)];
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany([1, 2]));
      const joined = t.op('join', () => input.join());
      await t.pass(50);
      await t.given(joined);
      const tries = (): number => told.filter((line) => line === 'begin 1').length;
      // What it tells and what it settles have no common order.
      await t.until('it has told', () => told.includes('done 2') && tries() >= 3);
      equal((await input.deadLetters.read()).map(({ value, attempts }) => [value, attempts]), [[1, 3]], 'dead letters');
      await t.does('stop', () => consumer.stop());
      equal(tries(), 3, 'deliveries of what fails');
      equal(results.map(({ items }) => items), [[2]], 'results');
    },
  },
  {
    rule: 'W7',
    name: 'batches that are given back one after the other are not tried in a busy circle',
    when: timed,
    run: async (t) => {
      const retry = { retries: 0, then: 'requeue', backoff: { min: 100, factor: 2, jitter: 0 } } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'throw' } }, retry }));
      const told = t.heard(consumer.messages);
      const tries = (): number => told.filter((line) => line === 'begin 1').length;
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().put(1));
      await t.settle();
      equal(tries(), 1, 'tries at once');
      await t.pass(90);
      equal(tries(), 1, 'tries within the first wait');
      await t.pass(10);
      equal(tries(), 2, 'tries after it');
      await t.pass(190);
      equal(tries(), 2, 'tries within the second wait');
      await t.does('stop', () => consumer.stop());
      equal((await consumer.queue.stats()).size, 1, 'what went back');
    },
  },
  {
    rule: 'W7',
    name: 'a stop during the wait for another try gives the batch back at once',
    when: timed,
    run: async (t) => {
      const retry = { backoff: { min: 1_000_000, max: 1_000_000, jitter: 0 } };
      const input = t.queue();
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { at: { 1: 'throw' } }, retry }));
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().put(1));
      await t.settle();
      await t.does('stop', () => consumer.stop());
      equal(await t.takes(input.consumer(), 1), [1], 'what went back');
      equal(await t.does('dead letters', () => input.deadLetters.size()), 0, 'dead letters');
    },
  },
  {
    rule: 'W7',
    name: 'a consumer whose policy is to stop gives the batch back and fails with the error',
    run: async (t) => {
      const retry = { retries: 0, then: 'stop' } as const;
      const input = t.queue();
      const { group, log } = t.watch(
        new Consumer(taker, { transport: t.transport, input, args: { at: { 1: 'throw' } }, retry, restart: { limit: 5 } }),
      );
      const told = t.heard(group.messages);
      await t.does('start', () => group.start());
      await t.does('put', () => input.producer().putMany([0, 1, 2]));
      const error = await t.refuses('finished', () => group.finished(), 'WORK_FAILED');
      equal((error.cause as Error).message, 'no 1', 'the cause');
      equal(log, ['started 1', 'state started', 'error WORK_FAILED', 'failure WORK_FAILED', 'state stopped'], 'its events');
      equal(told.slice(-1), ['stop'], 'the last that it told');
      equal(await t.takes(input.consumer(), 2), [1, 2], 'what is left');
    },
  },
  {
    rule: 'W7',
    name: 'a consumer whose policy is to restart begins anew, and the batch is delivered again',
    run: async (t) => {
      const retry = { retries: 0, then: 'restart' } as const;
      const restart = { backoff: { min: 20, jitter: 0 } };
      const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'throw' }, runs: 1 }, retry, restart }));
      const results = t.heard(group.results);
      await t.does('start', () => group.start());
      await t.does('put', () => group.queue.producer().putMany([0, 1, 2]));
      await t.until('it waits', () => log.includes('failure WORK_FAILED, restart in 20'));
      await t.pass(20);
      await t.until('all are done', () => results.length === 3);
      equal(results.map(({ items, attempts }) => [items, attempts]), [[[0], [1]], [[1], [2]], [[2], [1]]], 'results with attempts');
      equal(group.report()[0]?.restarts, 1, 'restarts reported');
      await t.does('stop', () => group.stop());
    },
  },
  {
    rule: 'W7',
    name: 'a batch that never settles is WORK_TIMED_OUT: the worker fails, and the batch is delivered again after its restart',
    run: async (t) => {
      const restart = { backoff: { min: 20, jitter: 0 } };
      const { group, log } = t.watch(
        new Consumer(taker, { transport: t.transport, args: { at: { 1: 'never' }, runs: 1 }, timeout: t.ample(50), restart }),
      );
      const results = t.heard(group.results);
      await t.does('start', () => group.start());
      await t.does('put', () => group.queue.producer().putMany([0, 1, 2]));
      await t.pass(100);
      await t.until('all are done', () => results.length === 3);
      equal(results.map(({ items, attempts }) => [items, attempts]), [[[0], [1]], [[1], [2]], [[2], [1]]], 'results with attempts');
      ok(log.includes('failure WORK_TIMED_OUT, restart in 20'), `the failure is told: ${String(log)}`);
      await t.does('stop', () => group.stop());
    },
  },
];
