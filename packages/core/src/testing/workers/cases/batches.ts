import { Consumer } from '../../../groups/consumer.js';
import { equal } from '../../assert.js';
import { taker } from '../../worker-modules.js';
import { ordered, timed, type WorkerCaseSpec } from '../case.js';

/** W6 A consumer works on batches, by count, by time, and at its queue's end. */
export const batches: WorkerCaseSpec[] = [
  {
    rule: 'W6',
    name: 'a batch is worked on as soon as it is full',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, batchSize: 3, interval: 1_000_000 }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2, 3, 4, 5, 6]));
      await t.until('two batches are done', () => results.length === 2);
      equal(results.map(({ items }) => items), [[0, 1, 2], [3, 4, 5]], 'batches');
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(results.map(({ items }) => items), [[0, 1, 2], [3, 4, 5], [6]], 'batches in all');
    },
  },
  {
    rule: 'W6',
    name: 'a batch that is not full is worked on when its time is up, without a further item',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, batchSize: 10, interval: t.ample(100) }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      await t.pass(90);
      if (timed(t.target)) equal(results, [], 'results before the time is up');
      await t.pass(10);
      await t.until('it is done', () => results.length === 1);
      equal(results[0]?.items, [0, 1, 2], 'the batch');
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W6',
    name: "a batch's time begins with its first item, and a further item does not put it off",
    when: timed,
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, batchSize: 10, interval: 500 }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      const producer = consumer.queue.producer();
      await t.pass(400);
      await t.does('put', () => producer.put(0));
      await t.pass(300);
      await t.does('put', () => producer.put(1));
      await t.pass(190);
      equal(results, [], 'results before the time is up');
      await t.pass(10);
      equal(results.map(({ items }) => items), [[0, 1]], 'batches');
      await t.settle();
      equal(t.clock.pending().timers, 0, 'timers while there is no item');
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W6',
    name: 'items come one at a time unless it is asked otherwise',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(results.map(({ items }) => items), [[0], [1], [2]], 'batches');
    },
  },
  {
    rule: 'W6',
    name: 'a batch that can never fill, since the queue holds less, is worked on when its time is up',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input: { capacity: 1 }, batchSize: 10, interval: 20 }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      const putting = t.op('put', () => consumer.queue.producer().putMany([0, 1, 2]));
      await t.pass(100);
      await t.given(putting);
      await t.until('all are done', () => results.flatMap(({ items }) => items).length === 3);
      equal(results.flatMap(({ items }) => items), [0, 1, 2], 'items');
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W6',
    name: "at its queue's end it works on what is left at once, and stops by itself",
    run: async (t) => {
      const input = t.queue({ capacity: 100 });
      const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, input, batchSize: 4, interval: 1_000_000 }));
      const results = t.heard(group.results);
      await t.does('start', () => group.start());
      const producer = input.producer();
      input.close();
      await t.does('put', () => producer.putMany([0, 1, 2, 3, 4, 5]));
      await t.until('a full batch is done', () => results.length === 1);
      await t.does('close', () => producer.close());
      await t.does('finished', () => group.finished());
      equal(results.map(({ items }) => items), [[0, 1, 2, 3], [4, 5]], 'batches');
      equal(log, ['started 1', 'state started', 'state stopped'], 'its events');
      await t.does('the end of the queue', () => input.ended());
    },
  },
  {
    rule: 'W6',
    name: 'items of a batch can be settled one by one: acked, given back, or rejected to the dead letters',
    run: async (t) => {
      const input = t.queue();
      const settles = { 1: 'ack', 2: 'nack', 3: 'reject' } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, batchSize: 4, interval: 1_000_000, args: { settles } }));
      const results = t.heard(consumer.results);
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany([1, 2, 3, 4]));
      await t.until('the batch is done', () => results.length > 0);
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(results.map(({ items, attempts }) => [items, attempts]), [[[1, 2, 3, 4], [1, 1, 1, 1]], [[2], [2]]], 'batches with attempts');
      await t.does('join', () => input.join());
      const dead = await t.does('dead letters', () => input.deadLetters.read());
      equal(dead.map(({ value }) => value), [3], 'dead letters');
      equal((dead[0]?.error as Error).message, 'as it was told', 'the error of the dead letter');
    },
  },
  {
    rule: 'W6',
    name: 'so many batches are in work at a time as its concurrency says, and no more',
    run: async (t) => {
      const gate = t.gate();
      const at = { 0: 'hold', 1: 'hold', 2: 'hold', 3: 'hold', 4: 'hold' } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, concurrency: 3, args: { at, gate: gate.args } }));
      const told = t.heard(consumer.messages);
      const begun = (): number => told.filter((line) => line.startsWith('begin')).length;
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2, 3, 4]));
      await t.until('three have begun', () => begun() === 3);
      await t.settle();
      equal(begun(), 3, 'batches begun');
      await gate.open();
      await t.until('a fourth has begun', () => begun() === 4);
      await gate.open(4);
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(told.filter((line) => line.startsWith('done')).length, 5, 'batches done');
    },
  },
  {
    rule: 'W6',
    name: 'a message is handled between two batches, never within one, and before any batch that has not begun',
    run: async (t) => {
      const gate = t.gate();
      const at = { 0: 'hold', 1: 'hold' } as const;
      const consumer = t.add(new Consumer(taker, { transport: t.transport, concurrency: 2, args: { at, gate: gate.args } }));
      const told = t.heard(consumer.messages);
      await t.does('start', () => consumer.start());
      await t.does('put', () => consumer.queue.producer().putMany([0, 1, 2, 3]));
      await t.until('two have begun', () => told.length === 3);
      const sent = t.op('send', () => consumer.send('note'));
      await t.waits(sent);
      await gate.open();
      await t.until('one is done', () => told.some((line) => line.startsWith('done')));
      await t.waits(sent);
      await gate.open();
      await t.given(sent);
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      const order = told.map((line) => line.split(' ')[0]);
      // Elsewhere the gate may have let more batches through by the time the message came.
      if (ordered(t.target)) equal(order.slice(0, 8), ['start', 'begin', 'begin', 'done', 'done', 'hear', 'heard', 'begin'], 'the order');
      const hear = order.indexOf('hear');
      const begun = (what: string): number => order.slice(0, hear).filter((word) => word === what).length;
      equal([begun('done'), order[hear + 1]], [begun('begin'), 'heard'], `batches done before the message, and what follows it, in ${order.join(' ')}`);
      equal(told.filter((line) => line.startsWith('done')).length, 4, 'batches done');
    },
  },
  {
    rule: 'W6',
    name: 'no batch begins while a message is handled',
    run: async (t) => {
      const gate = t.gate();
      const consumer = t.add(new Consumer(taker, { transport: t.transport, args: { gate: gate.args } }));
      const told = t.heard(consumer.messages);
      await t.does('start', () => consumer.start());
      const sent = t.op('send', () => consumer.send('hold'));
      await t.until('it is being handled', () => told.includes('hear hold'));
      await t.does('put', () => consumer.queue.producer().put(1));
      await t.waits(sent);
      equal(told, ['start 1', 'hear hold'], 'what it told');
      await gate.open();
      await t.given(sent);
      await t.does('stop at the end', () => consumer.stopAtQueueEnd());
      equal(told, ['start 1', 'hear hold', 'heard hold', 'begin 1', 'done 1', 'stop'], 'what it told in all');
    },
  },
];
