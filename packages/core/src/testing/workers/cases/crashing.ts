import type { ErrorCode } from '../../../errors/error.js';
import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { numbers } from '../../bench.js';
import { crowd, maker, taker } from '../../worker-modules.js';
import { EXIT_CODE } from '../modules/deeds.js';
import { dies, isolated, shared, type WorkerCaseSpec } from '../case.js';
import type { Death } from '../target.js';

const deaths: readonly { readonly death: Death; readonly code: ErrorCode }[] = [
  { death: 'exit', code: 'WORKER_EXITED' },
  { death: 'uncaught', code: 'WORKER_FAILED' },
  { death: 'memory', code: 'WORKER_OUT_OF_MEMORY' },
];

/** W8 A crash is noticed, loses nothing that was in hand, and hangs nobody. */
export const crashing: WorkerCaseSpec[] = [
  ...deaths.flatMap(({ death, code }): WorkerCaseSpec[] => [
    {
      rule: 'W8',
      name: `a consumer that dies of "${death}" is ${code}: what it had in hand is delivered again, after its restart`,
      when: dies(death),
      run: async (t) => {
        const restart = { backoff: { min: 10, jitter: 0 } };
        const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, args: { at: { 3: death }, runs: 1 }, restart }));
        const results = t.heard(group.results);
        const failed = t.event(group, 'failure');
        await t.does('start', () => group.start());
        await t.does('put', () => group.queue.producer().putMany([1, 2, 3, 4, 5]));
        const { error } = await t.given(failed);
        equal(error.code, code, 'the failure');
        if (death === 'exit') equal(error.details['exitCode'], EXIT_CODE, 'the exit code');
        const joined = t.op('join', () => group.queue.join());
        await t.given(joined);
        await t.does('stop at the end', () => group.stopAtQueueEnd());
        const worked = new Map(results.flatMap(({ items, attempts }) => items.map((item, i) => [item, attempts[i]] as const)));
        equal([...worked.keys()].sort(), [1, 2, 3, 4, 5].filter((item) => worked.has(item)), 'items worked on, as far as their results came');
        ok([3, 4, 5].every((item) => worked.has(item)), `what was in hand and what was not begun was worked on: ${String([...worked.keys()])}`);
        ok((worked.get(3) ?? 0) > 1, 'it says that it is delivered again');
        const { acked, dead } = await group.queue.stats();
        equal({ acked, dead }, { acked: 5, dead: 0 }, 'the queue');
        ok(log.includes(`failure ${code}, restart in 10`), `the events: ${String(log)}`);
      },
    },
    {
      rule: 'W8',
      name: `a producer that dies of "${death}" is ${code}: what it put stays, and a get that waits hears of it`,
      when: dies(death),
      run: async (t) => {
        const { group, log } = t.watch(new Producer(maker, { transport: t.transport, args: { at: { 3: death } } }));
        await t.does('start', () => group.start());
        const got: number[] = [];
        const taking = t.op('getting', async () => {
          for (;;) got.push(await group.get());
        });
        await t.refused(taking, code);
        equal(got, [0, 1, 2].slice(0, got.length), 'what it made, without a gap');
        await t.refuses('finished', () => group.finished(), code);
        equal(log, ['started 1', 'state started', `failure ${code}`, 'state stopped'], 'its events');
        await t.refuses('iterating', () => group[Symbol.asyncIterator]().next(), code);
      },
    },
  ]),
  {
    rule: 'W8',
    name: 'a worker that is terminated loses all its consumers at once: what one of them had is delivered again, to none of the others',
    when: isolated,
    run: async (t) => {
      const [input, told, gate] = [t.queue(), t.queue(), t.gate()];
      const consumers = numbers(5).map(() => input.consumer());
      const worker = t.transport.start(crowd, { consumers, told: told.producer(), gate: gate.args, deed: 'never' });
      await t.does('put', () => input.producer().put(7));
      equal(await t.takes(told.consumer(), 1), [7], 'what is in hand');
      await t.until('they are there', async () => (await input.stats()).consumers === 5);
      await t.does('terminate', () => worker.terminate());
      const again = await t.does('the next of another', () => input.consumer().deliveries().next());
      ok(again.done !== true, 'it is delivered again');
      equal([again.value.value, again.value.attempt], [7, 2], 'what is delivered again, with its attempt');
      await t.does('ack', () => again.value.ack());
      await t.does('its end', () => worker.exit);
    },
  },
  {
    rule: 'W8',
    name: 'a start during which the worker dies is rejected with the reason',
    when: dies('exit'),
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { starting: 'exit' } }));
      await t.refuses('start', () => producer.start(), 'WORKER_EXITED');
      equal(producer.state, 'stopped', 'the state');
    },
  },
  {
    rule: 'W8',
    name: 'an event loop that is blocked is told as unresponsive, and as responsive afterwards; nothing is lost by it',
    when: isolated,
    run: async (t) => {
      const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, args: { at: { 1: 'block' } }, watchdog: 40 }));
      const results = t.heard(group.results);
      const [silent, back] = [t.event(group, 'unresponsive'), t.event(group, 'responsive')];
      await t.does('start', () => group.start());
      await t.does('put', () => group.queue.producer().putMany([0, 1, 2]));
      const { ms } = await t.given(silent);
      ok(ms >= 40, `the time of its silence: ${String(ms)} ms`);
      ok((await t.given(back)).ms >= ms, 'the time until it answered');
      await t.does('stop at the end', () => group.stopAtQueueEnd());
      equal(results.flatMap(({ items }) => items), [0, 1, 2], 'items');
      ok(!log.some((line) => line.startsWith('failure')), `nothing failed: ${String(log)}`);
    },
  },
  {
    rule: 'W8',
    name: 'what does not stop within its deadline is ended by force, and what it had in hand is given back',
    when: isolated,
    run: async (t) => {
      const input = t.queue();
      const consumer = t.add(new Consumer(taker, { transport: t.transport, input, args: { at: { 1: 'never' } } }));
      const told = t.heard(consumer.messages);
      await t.does('start', () => consumer.start());
      await t.does('put', () => input.producer().putMany([1, 2]));
      await t.until('it is at work', async () => told.includes('begin 1') && (await input.stats()).inHand === 1);
      await t.does('stop', () => consumer.stop({ deadline: 20 }));
      equal(consumer.state, 'stopped', 'the state');
      const again: [unknown, number][] = [];
      await t.does('taking', async () => {
        for await (const delivery of input.consumer().deliveries()) {
          again.push([delivery.value, delivery.attempt]);
          delivery.ack();
          if (again.length === 2) break;
        }
      });
      equal(again, [[1, 2], [2, 1]], 'what is in the queue, with attempts');
      await t.does('finished', () => consumer.finished());
    },
  },
  {
    rule: 'W8',
    name: 'where nothing can end a worker that does not stop, it is left behind with STOP_TIMED_OUT, and without what it had',
    when: shared,
    run: async (t) => {
      const input = t.queue();
      const { group, log } = t.watch(new Consumer(taker, { transport: t.transport, input, args: { at: { 1: 'never' } } }));
      const told = t.heard(group.messages);
      await t.does('start', () => group.start());
      await t.does('put', () => input.producer().putMany([1, 2]));
      await t.until('it is at work', () => told.includes('begin 1'));
      const stopping = t.op('stop', () => group.stop({ deadline: 1000 }));
      await t.pass(990);
      await t.waits(stopping);
      await t.pass(10);
      await t.refused(stopping, 'STOP_TIMED_OUT');
      equal(group.state, 'stopped', 'the state');
      equal(log.slice(-2), ['failure STOP_TIMED_OUT', 'state stopped'], 'its last events');
      equal(await t.takes(input.consumer(), 2), [1, 2], 'what went back');
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { at: { 1: 'never' } } }));
      await t.does('start', () => producer.start());
      equal(await t.takes(producer, 1), [0], 'what it made');
      const waiting = t.op('get', () => producer.get());
      await t.refuses('terminate', () => producer.terminate(), 'STOP_TIMED_OUT');
      await t.refused(waiting, 'STOP_TIMED_OUT');
    },
  },
  {
    rule: 'W8',
    name: 'a transport that is closed ends its workers, and every wait on them',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, restart: { backoff: { min: 0 } } }));
      const consumer = t.add(new Consumer(taker, { transport: t.transport }));
      await t.does('start', () => producer.start());
      await t.does('start', () => consumer.start());
      equal(await t.takes(producer, 1), [0], 'what it made');
      const waits = [
        t.op('finished', () => producer.finished()),
        t.op('the end of the results', async () => {
          let results = 0;
          for await (const _ of consumer.results) results++;
          return results;
        }),
      ];
      await t.does('close', () => t.transport.close());
      for (const wait of waits) if (t.fixture.clock === undefined) await wait.over;
      await t.settle();
      equal([producer.state, consumer.state], ['stopped', 'stopped'], 'the states');
      ok(waits.every(({ pending }) => !pending), 'no wait is left');
    },
  },
];
