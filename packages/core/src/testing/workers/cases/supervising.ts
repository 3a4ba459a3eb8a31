import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { Supervisor } from '../../../groups/supervisor.js';
import { asyncDispose } from '../../../queues/travel.js';
import { equal, ok } from '../../assert.js';
import { maker, numbers, taker } from '../../worker-modules.js';
import { isolated, timed, type WorkerCaseSpec } from '../case.js';

/** W9 A supervisor launches, watches, scales and stops, and leaves nothing behind. */
export const supervising: WorkerCaseSpec[] = [
  {
    rule: 'W9',
    name: 'it launches all that it was given, in order, tells what they do, and stops them with one call',
    run: async (t) => {
      const { transport } = t;
      const supervisor = new Supervisor();
      const events: string[] = [];
      supervisor.on('state', ({ group, state }) => events.push(`${group} ${state}`));
      const takers = supervisor.add(t.add(new Consumer(taker, { transport, name: 'takers', count: 2 })));
      const maker_ = supervisor.add(t.add(new Producer(maker, { transport, name: 'maker', outbox: false, args: { last: 9 } })));
      maker_.subscribe(takers.queue);
      equal(supervisor.report().map(({ name, state }) => [name, state]), [['takers', 'stopped'], ['maker', 'stopped']], 'the report at first');
      await t.does('launch', () => supervisor.launch());
      await t.does('the end of the maker', () => maker_.finished());
      const results = t.heard(takers.results);
      await t.does('stop at the end', () => takers.stopAtQueueEnd());
      equal(results.length <= 10, true, 'results');
      await t.does('launch again', () => supervisor.launch());
      const report = supervisor.report();
      equal(report.map(({ name, state, workers, restarts, lastError }) => [name, state, workers.length, restarts, lastError]).slice(0, 1), [['takers', 'started', 2, 0, undefined]], 'the report');
      equal(report[0]?.workers.map(({ id, state }) => [id, state]), [['takers/0', 'started'], ['takers/1', 'started']], 'its workers');
      await t.does('stop', () => supervisor.stop());
      await t.does('stop again', () => supervisor.stop());
      equal(supervisor.report().map(({ state }) => state), ['stopped', 'stopped'], 'the states at last');
      equal(events.slice(0, 2), ['takers started', 'maker started'], 'its first events');
      await t.does('finished', () => supervisor.finished());
    },
  },
  {
    rule: 'W9',
    name: 'each name is given once, and an unknown one is refused',
    run: async (t) => {
      const supervisor = new Supervisor();
      const one = supervisor.add(t.add(new Producer(maker, { transport: t.transport, name: 'one' })));
      ok(supervisor.get('one') === one, 'get gives what was added');
      await t.refuses('add', () => supervisor.add(new Producer(maker, { transport: t.transport, name: 'one' })), 'BAD_OPTION');
      await t.refuses('get', () => supervisor.get('two'), 'BAD_OPTION');
      await t.refuses('scale', () => supervisor.scale('two', 2), 'BAD_OPTION');
      await t.refuses('remove', () => supervisor.remove('two'), 'BAD_OPTION');
    },
  },
  {
    rule: 'W9',
    name: 'when one cannot start, those that were started before are stopped, and launch rejects with the reason',
    run: async (t) => {
      const { transport } = t;
      const supervisor = new Supervisor();
      const first = supervisor.add(t.add(new Producer(maker, { transport, name: 'first' })));
      const told = t.heard(first.messages);
      supervisor.add(t.add(new Producer(maker, { transport, name: 'second', args: { starting: 'throw' } })));
      const third = supervisor.add(t.add(new Producer(maker, { transport, name: 'third' })));
      await t.refuses('launch', () => supervisor.launch(), 'WORKER_START_FAILED');
      equal([first.state, third.state], ['stopped', 'stopped'], 'the states');
      equal(told, ['start 1', 'started', 'stop'], 'what the first told');
    },
  },
  {
    rule: 'W9',
    name: 'it scales a group while it runs; what is removed is stopped, and tells it nothing more',
    run: async (t) => {
      const supervisor = new Supervisor();
      const events: string[] = [];
      supervisor.on('started', ({ worker }) => events.push(worker));
      const consumer = supervisor.add(t.add(new Consumer(taker, { transport: t.transport, name: 'takers', count: 1 })));
      await t.does('launch', () => supervisor.launch());
      await t.does('scale up', () => supervisor.scale('takers', 3));
      equal(events.sort(), ['takers/0', 'takers/1', 'takers/2'], 'workers that started');
      await t.does('scale down', () => supervisor.scale('takers', 2));
      equal(supervisor.report()[0]?.workers.length, 2, 'workers reported');
      await t.does('put', () => consumer.queue.producer().putMany([1, 2, 3]));
      await t.does('join', () => consumer.queue.join());
      await t.does('remove', () => supervisor.remove('takers'));
      equal(consumer.state, 'stopped', 'the state');
      equal(supervisor.report(), [], 'the report');
      await t.does('start by itself', () => consumer.start());
      equal(events.length, 3, 'what it was told');
      await t.does('stop', () => consumer.stop());
    },
  },
  {
    rule: 'W9',
    name: 'it reports restarts, the last error and the last progress, and forwards failures by the name of the group',
    when: timed,
    run: async (t) => {
      const supervisor = new Supervisor();
      const failures: unknown[] = [];
      supervisor.on('failure', ({ group, worker, error, restartIn }) => failures.push([group, worker, error.code, restartIn]));
      const restart = { backoff: { min: 100, jitter: 0 } };
      const producer = supervisor.add(
        t.add(new Producer(maker, { transport: t.transport, name: 'maker', args: { at: { 1: 'throw' }, runs: 1 }, onError: 'restart', restart })),
      );
      await t.does('launch', () => supervisor.launch());
      await t.settle();
      equal(failures, [['maker', 'maker', 'WORK_FAILED', 100]], 'failures');
      await t.pass(100);
      await t.pass(70);
      const [{ restarts, lastError, lastProgress, workers } = fail()] = supervisor.report();
      equal([restarts, lastError?.code, lastProgress], [1, 'WORK_FAILED', 70], 'the report');
      equal(workers[0]?.restarts, 1, 'the report of the worker');
      equal(producer.state, 'started', 'the state');
      await t.does('stop', () => supervisor.stop());
    },
  },
  {
    rule: 'W9',
    name: 'it stops all at once, within one deadline, and then by force',
    when: isolated,
    run: async (t) => {
      const { transport } = t;
      const supervisor = new Supervisor({ deadline: t.ample(30) });
      const stuck = supervisor.add(t.add(new Consumer(taker, { transport, name: 'stuck', args: { at: { 1: 'never' } } })));
      const fine = supervisor.add(t.add(new Consumer(taker, { transport, name: 'fine' })));
      const [told, ended] = [t.heard(stuck.messages), t.heard(fine.messages)];
      await t.does('launch', () => supervisor.launch());
      await t.does('put', () => stuck.queue.producer().put(1));
      await t.until('it is at work', () => told.includes('begin 1'));
      await t.does('stop', () => supervisor.stop());
      equal(ended.slice(-1), ['stop'], 'the last that the other told');
      equal((await stuck.queue.stats()).size, 1, 'what went back');
    },
  },
  {
    rule: 'W9',
    name: 'a second stop with a shorter deadline holds for what still stops',
    when: isolated,
    run: async (t) => {
      const supervisor = new Supervisor();
      const stuck = supervisor.add(t.add(new Producer(maker, { transport: t.transport, args: { stopping: 'never' } })));
      const told = t.heard(stuck.messages);
      await t.does('launch', () => supervisor.launch());
      const patient = t.op('stop', () => supervisor.stop({ deadline: 1_000_000 }));
      await t.until('it is about to stop', () => told.includes('stop'));
      await t.does('stop by force', () => supervisor.stop({ deadline: 0 }));
      await t.given(patient);
    },
  },
  {
    rule: 'W9',
    name: 'it rejects with what did not stop, when all others have stopped',
    when: timed,
    run: async (t) => {
      const { transport } = t;
      const supervisor = new Supervisor({ deadline: 1000 });
      supervisor.on('failure', () => undefined);
      supervisor.add(t.add(new Producer(maker, { transport, name: 'stuck', args: { stopping: 'never' } })));
      const gate = t.gate();
      const slow = supervisor.add(t.add(new Producer(maker, { transport, name: 'slow', args: { stopping: 'hold', gate: gate.args } })));
      await t.does('launch', () => supervisor.launch());
      const stopping = t.op('stop', () => supervisor.stop());
      await t.pass(900);
      await gate.open();
      await t.settle();
      equal(slow.state, 'stopped', 'the state of the slow one');
      await t.pass(100);
      await t.refused(stopping, 'STOP_TIMED_OUT');
    },
  },
  {
    rule: 'W9',
    name: 'it stops what it was given when it goes out of scope, and finished() tells of the end and of failures',
    run: async (t) => {
      const { transport } = t;
      const supervisor = new Supervisor();
      const endless = supervisor.add(t.add(new Producer(maker, { transport, name: 'endless' })));
      await t.does('launch', () => supervisor.launch());
      await t.does('dispose', () => supervisor[asyncDispose]());
      equal(endless.state, 'stopped', 'the state');
      const other = new Supervisor();
      const ending = other.add(t.add(new Producer(numbers, { transport, name: 'ending', args: { upTo: 3 } })));
      const failing = other.add(t.add(new Producer(maker, { transport, name: 'failing', args: { at: { 1: 'throw' } }, onError: 'stop' })));
      const over = t.op('finished', async () => {
        await other.launch();
        await other.finished();
      });
      await t.refused(over, 'WORK_FAILED');
      await t.does('the end', () => ending.finished());
      equal([ending.state, failing.state], ['stopped', 'stopped'], 'the states');
    },
  },
];

function fail(): never {
  throw new Error('there is no report');
}
