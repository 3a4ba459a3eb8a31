import type { MillraceError } from '../../../errors/error.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { maker, numbers } from '../../worker-modules.js';
import { copies, timed, type WorkerCaseSpec } from '../case.js';

/** W7 An error in a step reaches the host, at its place in the order; what then happens is a policy. */
export const errors: WorkerCaseSpec[] = [
  {
    rule: 'W7',
    name: 'an error in a step comes at its place among the items, with name, message, stack and cause, and production goes on',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 2, args: { at: { 1: 'throw', 3: 'throw' }, last: 4 } }));
      const told: MillraceError[] = [];
      producer.on('error', ({ error }) => told.push(error));
      await t.does('start', () => producer.start());
      equal(await t.takes(producer, 1), [0], 'the item before');
      const error = await t.refuses('get', () => producer.get(), 'WORK_FAILED');
      const cause = error.cause as Error & { cause: Error };
      equal([cause.name, cause.message, cause.cause.message], ['RangeError', 'no 1', 'none left'], 'what was thrown');
      ok(cause.stack?.includes('perform') === true, `its stack should say where: ${String(cause.stack)}`);
      equal((error.details as { worker?: unknown }).worker, producer.name, 'the worker in the details');
      equal(await t.takes(producer, 1), [2], 'the item after');
      await t.refuses('get', () => producer.get(), 'WORK_FAILED');
      equal(await t.takes(producer, 1), [4], 'the last item');
      await t.does('finished', () => producer.finished());
      equal(told.map(({ code, message }) => [code, message.includes('no ')]), [['WORK_FAILED', true], ['WORK_FAILED', true]], 'the events');
    },
  },
  {
    rule: 'W7',
    name: 'an iteration throws the error at its place, and another goes on behind it',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at: { 2: 'throw' }, last: 4 } }));
      await t.does('start', () => producer.start());
      const seen: number[] = [];
      const iterate = async (): Promise<void> => {
        for await (const n of producer) seen.push(n);
      };
      await t.refuses('iterating', iterate, 'WORK_FAILED');
      await t.does('iterating on', iterate);
      equal(seen, [0, 1, 3, 4], 'items');
    },
  },
  {
    rule: 'W7',
    name: 'an error that cannot be copied arrives all the same, without what cannot',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at: { 0: 'throw-unfit' }, last: 1 } }));
      const told = t.event(producer, 'error');
      await t.does('start', () => producer.start());
      const error = await t.refuses('get', () => producer.get(), 'WORK_FAILED');
      equal((error.cause as Error).message, 'no 0', 'what was thrown');
      equal(((await t.given(told)).error.cause as Error).message, 'no 0', 'what the event told');
      equal(await t.takes(producer, 1), [1], 'the item after');
    },
  },
  {
    rule: 'W7',
    name: 'an item that cannot be copied is an error at its place, for subscribers as if it had not been made',
    when: copies,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { unfit: [1], last: 2 } }));
      const queue = t.queue();
      producer.subscribe(queue);
      await t.does('start', () => producer.start());
      equal(await t.takes(producer, 1), [0], 'the item before');
      const error = await t.refuses('get', () => producer.get(), 'WORK_FAILED');
      equal((error.cause as MillraceError).code, 'VALUE_NOT_CLONEABLE', 'the cause');
      equal(await t.takes(producer, 1), [2], 'the item after');
      await t.does('finished', () => producer.finished());
      equal(await t.takes(queue.consumer(), 2), [0, 2], 'what the subscriber got');
    },
  },
  {
    rule: 'W7',
    name: 'steps that fail one after the other wait longer each time, from the second on',
    when: timed,
    run: async (t) => {
      const at = { 0: 'throw', 1: 'throw', 2: 'throw', 3: 'throw', 5: 'throw', 6: 'throw' } as const;
      const backoff = { min: 100, factor: 2, max: 150, jitter: 0 };
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at }, backoff }));
      const made = async (): Promise<number> => (await producer.stats()).put;
      await t.does('start', () => producer.start());
      await t.settle();
      equal(await made(), 2, 'tried at once');
      await t.pass(90);
      equal(await made(), 2, 'tried within the first wait');
      await t.pass(10);
      equal(await made(), 3, 'tried after it');
      await t.pass(140);
      equal(await made(), 3, 'tried within the second wait, at its longest');
      await t.pass(10);
      equal(await made(), 4, 'tried after it');
      await t.pass(150);
      equal(await made(), 7, 'after a success the next error is followed at once');
      await t.pass(100);
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W7',
    name: 'a message is handled while it waits after errors, and a stop does not wait for that',
    when: timed,
    run: async (t) => {
      const backoff = { min: 1_000_000, max: 1_000_000, jitter: 0 };
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at: { 0: 'throw', 1: 'throw' } }, backoff }));
      await t.does('start', () => producer.start());
      await t.settle();
      await t.does('send', () => producer.send('steps'));
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W7',
    name: 'a producer whose policy is to stop ends with its first error: what was made, the error, and then the failure',
    run: async (t) => {
      const restart = { limit: 5 };
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 2: 'throw' } }, onError: 'stop', restart }));
      await t.does('start', () => group.start());
      equal(await t.takes(group, 2), [0, 1], 'what was made');
      await t.refuses('get, at its place', () => group.get(), 'WORK_FAILED');
      await t.refuses('get, at the end', () => group.get(), 'WORK_FAILED');
      await t.refuses('finished', () => group.finished(), 'WORK_FAILED');
      equal(log, ['started 1', 'state started', 'error WORK_FAILED', 'failure WORK_FAILED', 'state stopped'], 'its events');
    },
  },
  {
    rule: 'W7',
    name: 'a producer whose policy is to restart tells the error at its place, and begins anew',
    run: async (t) => {
      const restart = { backoff: { min: 20, jitter: 0 } };
      const { group, log } = t.watch(
        new Producer(maker, { transport: t.transport, args: { at: { 1: 'throw' }, runs: 1, last: 2 }, onError: 'restart', restart }),
      );
      await t.does('start', () => group.start());
      equal(await t.takes(group, 1), [0], 'of the first run');
      await t.refuses('get', () => group.get(), 'WORK_FAILED');
      await t.until('it waits', () => log.includes('failure WORK_FAILED, restart in 20'));
      await t.pass(20);
      equal(await t.takes(group, 3), [0, 1, 2], 'of the second run');
      await t.does('finished', () => group.finished());
      equal(log.filter((line) => line.startsWith('started')), ['started 1', 'started 2'], 'its starts');
    },
  },
  {
    rule: 'W7',
    name: 'a step that never settles is WORK_TIMED_OUT at its place, and its worker has failed',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 1: 'never' } }, timeout: t.ample(100) }));
      const told = t.heard(group.messages);
      await t.does('start', () => group.start());
      equal(await t.takes(group, 1), [0], 'what was made');
      const next = t.op('get', () => group.get());
      await t.pass(90);
      if (timed(t.target)) await t.waits(next);
      await t.pass(10);
      await t.refused(next, 'WORK_TIMED_OUT');
      await t.refuses('finished', () => group.finished(), 'WORK_TIMED_OUT');
      ok(log.includes('failure WORK_TIMED_OUT'), `the failure is told: ${String(log)}`);
      equal(told.slice(-1), ['stop'], 'the last that it told');
    },
  },
  {
    rule: 'W7',
    name: 'a generator whose step never settles does not hold its worker up',
    run: async (t) => {
      const gate = t.gate();
      const args = { upTo: 5, holds: 1, gate: gate.args };
      const producer = t.add(new Producer(numbers, { transport: t.transport, args, timeout: t.ample(50) }));
      await t.does('start', () => producer.start());
      equal(await t.takes(producer, 1), [0], 'what was made');
      const over = t.op('finished', () => producer.finished());
      await t.pass(50);
      await t.refused(over, 'WORK_TIMED_OUT');
    },
  },
  {
    rule: 'W7',
    name: 'a generator that throws has come to its end: the error is at its place',
    run: async (t) => {
      const producer = t.add(new Producer(numbers, { transport: t.transport, args: { upTo: 5, fails: 2 } }));
      await t.does('start', () => producer.start());
      equal(await t.takes(producer, 2), [0, 1], 'what was made');
      await t.refuses('get', () => producer.get(), 'WORK_FAILED');
      await t.refuses('get', () => producer.get(), 'QUEUE_ENDED');
      await t.does('finished', () => producer.finished());
    },
  },
];
