import { Consumer } from '../../../groups/consumer.js';
import { PlainWorker } from '../../../groups/plain-worker.js';
import { Producer } from '../../../groups/producer.js';
import { platform } from '../../../runtime/runtime.js';
import { equal, ok } from '../../assert.js';
import { carrier, maker, taker } from '../../worker-modules.js';
import { timed, type WorkerCaseSpec } from '../case.js';
import { ASKED } from '../modules/deeds.js';

/** W1 A worker is started, draining, or stopped; each start is a run of its own. */
export const states: WorkerCaseSpec[] = [
  {
    rule: 'W1',
    name: 'a producer, a consumer and a plain worker are stopped, started, draining and stopped, and say so',
    run: async (t) => {
      const { transport } = t;
      const [from, to] = [t.queue(), t.queue()];
      const groups = [
        t.watch(new Producer(maker, { transport })),
        t.watch(new Consumer(taker, { transport })),
        t.watch(new PlainWorker(carrier, { transport, args: { from: from.consumerSlot(), to: to.producerSlot() } })),
      ];
      for (const { group, log } of groups) {
        equal(group.state, 'stopped', 'the state at first');
        const started = t.op('whenState started', () => group.whenState('started'));
        await t.does('start', () => group.start());
        await t.given(started);
        equal(group.state, 'started', 'the state once it runs');
        const stopped = t.op('whenState stopped', () => group.whenState('stopped'));
        if (group instanceof PlainWorker) from.close();
        await t.does('stop', () => group.stop());
        await t.given(stopped);
        equal(group.state, 'stopped', 'the state at last');
        equal(
          log.filter((line) => !line.startsWith('error')),
          ['started 1', 'state started', 'state draining', 'state stopped'],
          'what it told',
        );
        await t.does('whenState, when it is so', () => group.whenState('stopped'));
      }
    },
  },
  {
    rule: 'W1',
    name: 'starting what runs is WORKER_RUNNING, and changes nothing',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 2 }));
      const starting = t.op('start', () => producer.start());
      await t.refuses('start while it starts', () => producer.start(), 'WORKER_RUNNING');
      await t.given(starting);
      await t.refuses('start while it runs', () => producer.start(), 'WORKER_RUNNING');
      await t.gives(
        t.op('get', () => producer.get()),
        0,
      );
      await t.gives(
        t.op('get', () => producer.get()),
        1,
      );
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W1',
    name: 'stopping what does not run, and stopping twice, are harmless',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport }));
      await t.does('stop before any start', () => producer.stop());
      await t.does('start', () => producer.start());
      const both = [t.op('stop', () => producer.stop()), t.op('stop again', () => producer.stop())];
      for (const stop of both) await t.given(stop);
      await t.does('stop when it has stopped', () => producer.stop());
      await t.does('finished', () => producer.finished());
    },
  },
  {
    rule: 'W1',
    name: 'a start after a stop is a new run: a fresh onStart, and items from the beginning',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 3, args: { from: 5 } }));
      const told = t.heard(producer.messages);
      for (let run = 0; run < 2; run++) {
        await t.does('start', () => producer.start());
        await t.gives(
          t.op('get', () => producer.get()),
          5,
        );
        await t.does('stop', () => producer.stop());
      }
      await t.does('start with other arguments', () => producer.start({ from: 70 }));
      await t.gives(
        t.op('get', () => producer.get()),
        70,
      );
      await t.does('stop', () => producer.stop());
      const run = ['start 1', 'started', 'stop'];
      equal(told, [...run, ...run, ...run], 'what it told');
    },
  },
  {
    rule: 'W1',
    name: 'stopping what is still starting lets onStart finish, and runs onStop',
    run: async (t) => {
      const gate = t.gate();
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { starting: 'hold', gate: gate.args } }));
      const told = t.heard(group.messages);
      const starting = t.op('start', () => group.start());
      await t.until('onStart runs', () => told.includes('start 1'));
      const stopping = t.op('stop', () => group.stop());
      await t.waits(stopping);
      await gate.open();
      await t.given(stopping);
      await t.given(starting);
      equal(told, ['start 1', 'started', 'stop'], 'what it told');
      equal(log.filter((line) => line.startsWith('state')), ['state draining', 'state stopped'], 'its states');
    },
  },
  {
    rule: 'W1',
    name: 'get before the first start is WORKER_NOT_RUNNING; after a stop it gives what was made, and then QUEUE_ENDED',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 2 }));
      await t.refuses('get', () => producer.get(), 'WORKER_NOT_RUNNING');
      await t.refuses('tryGet', () => producer.tryGet(), 'WORKER_NOT_RUNNING');
      await t.refuses('iterating', () => producer[Symbol.asyncIterator]().next(), 'WORKER_NOT_RUNNING');
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 2);
      await t.does('stop', () => producer.stop());
      await t.gives(
        t.op('get', () => producer.get()),
        0,
      );
      await t.gives(
        t.op('tryGet', () => producer.tryGet()),
        { value: 1 },
      );
      await t.refuses('get', () => producer.get(), 'QUEUE_ENDED');
      await t.refuses('tryGet', () => producer.tryGet(), 'QUEUE_ENDED');
      const items = producer[Symbol.asyncIterator]();
      equal((await t.does('next', () => items.next())).done, true, 'the end of an iteration');
    },
  },
  {
    rule: 'W1',
    name: 'a get that waits when the worker is stopped is refused with QUEUE_ENDED, and an iteration ends',
    run: async (t) => {
      const gate = t.gate();
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at: { 1: 'hold' }, gate: gate.args, heeds: true } }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      const items = producer[Symbol.asyncIterator]();
      equal((await t.does('next', () => items.next())).value, 0, 'the first item');
      const next = t.op('the next but one', () => items.next());
      await t.waits(next);
      const stopping = t.op('stop', () => producer.stop());
      await t.until('it has heard of the stop', () => told.includes(ASKED));
      await gate.open();
      await t.given(stopping);
      equal((await t.given(next)).value, 1, 'what was in hand when it was stopped');
      const ends = t.op('the end', () => items.next());
      equal((await t.given(ends)).done, true, 'whether it has ended');
      await t.refuses('get', () => producer.get(), 'QUEUE_ENDED');
    },
  },
  {
    rule: 'W1',
    name: 'a wait for a state can be aborted and time out',
    when: timed,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport }));
      const controller = new platform.AbortController();
      const aborted = t.op('whenState', () => producer.whenState('started', { signal: controller.signal }));
      const late = t.op('whenState', () => producer.whenState('started', { timeout: 50 }));
      await t.waits(aborted);
      controller.abort();
      await t.refused(aborted, 'ABORTED');
      await t.waits(late);
      await t.pass(50);
      await t.refused(late, 'TIMED_OUT');
    },
  },
  {
    rule: 'W1',
    name: 'several equal workers share an outbox; more are started, and the latest stopped, while they run',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, count: 2, outbox: 1 }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      const count = (line: string): number => told.filter((told) => told === line).length;
      await t.until('two have started', () => count('started') === 2);
      await t.does('scale up', () => producer.scale(5));
      await t.until('five have started', () => count('started') === 5);
      equal(producer.report().map(({ state }) => state), Array(5).fill('started'), 'the report');
      const got: number[] = [];
      for (let i = 0; i < 30; i++) got.push(await t.does('get', () => producer.get()));
      ok(
        got.filter((n) => n === 0).length === 5,
        `each of five makes its first item: got ${String(got)}`,
      );
      await t.does('scale down', () => producer.scale(1));
      await t.until('four have run onStop', () => count('stop') === 4);
      equal(producer.report().map(({ state }) => state), ['started'], 'the report after that');
      equal(producer.state, 'started', 'the state');
      await t.does('get from the one that is left', () => producer.get());
      await t.does('stop', () => producer.stop());
    },
  },
];
