import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { letters, maker, numbers, object, oddItems } from '../../worker-modules.js';
import type { WorkerBench } from '../bench.js';
import { timed, type WorkerCaseSpec } from '../case.js';
import type Maker from '../modules/maker.js';

/** How many steps the worker has begun: it handles the question when it has nothing else to do. */
async function steps(t: WorkerBench, producer: Producer<typeof Maker>): Promise<number> {
  const said = t.op('what it says', async () => {
    for await (const line of producer.messages) if (line.startsWith('steps ')) return Number(line.slice(6));
    return NaN;
  });
  await t.does('ask', () => producer.send('steps'));
  return t.given(said);
}

async function toTheEnd<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** W3 A producer repeats its work as fast as its outbox allows, or each interval. */
export const making: WorkerCaseSpec[] = [
  ...[1, 2, 10, 64, undefined].map((given): WorkerCaseSpec => ({
    rule: 'W3',
    name: `an outbox of ${given === undefined ? 'no stated size' : String(given)} has exactly as many items made ahead, and one more is made for each that is taken`,
    run: async (t) => {
      const outbox = given ?? 16;
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: given }));
      await t.does('start', () => producer.start());
      for (let taken = 0; taken < 5; taken++) {
        await t.until('the outbox is full', async () => (await producer.stats()).size === outbox);
        equal(await steps(t, producer), outbox + taken, 'items made');
        await t.gives(
          t.op('get', () => producer.get()),
          taken,
        );
      }
      await t.does('stop', () => producer.stop());
    },
  })),
  {
    rule: 'W3',
    name: 'while its outbox is full it waits for nothing but room: no timer runs',
    when: timed,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1 }));
      await t.does('start', () => producer.start());
      await t.settle();
      equal(t.clock.pending(), { timers: 0, deferred: 0 }, 'what is pending');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W3',
    name: 'an interval is the time from the start of a step to that of the next, and the first is at once',
    when: timed,
    run: async (t) => {
      const gate = t.gate();
      const args = { at: { 2: 'hold', 3: 'hold' }, gate: gate.args } as const;
      const producer = t.add(new Producer(maker, { transport: t.transport, interval: 100, args }));
      const made = async (): Promise<number> => (await producer.stats()).put;
      await t.does('start', () => producer.start());
      await t.settle();
      equal(await made(), 1, 'made at once');
      await t.pass(90);
      equal(await made(), 1, 'made before the interval is over');
      await t.pass(10);
      equal(await made(), 2, 'made when it is over');
      // The third takes 130 of the 100 ms: the fourth begins at once.
      await t.pass(230);
      await gate.open();
      await gate.open();
      await t.settle();
      equal(await made(), 4, 'made after a step that took longer than the interval');
      await t.pass(90);
      equal(await made(), 4, 'made within the next interval');
      await t.pass(10);
      equal(await made(), 5, 'made when that is over');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W3',
    name: 'an initial delay comes before the first step, and a stop does not wait for it',
    when: timed,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, initialDelay: 500, interval: 10 }));
      await t.does('start', () => producer.start());
      await t.pass(490);
      equal((await producer.stats()).put, 0, 'made before the delay is over');
      await t.pass(10);
      equal((await producer.stats()).put, 1, 'made when it is over');
      await t.does('stop', () => producer.stop());
      await t.does('start', () => producer.start());
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W3',
    name: 'an async generator makes what it yields, and its end is the end of the worker and of the iteration',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(numbers, { transport: t.transport, outbox: 2, args: { upTo: 5 } }));
      const told = t.heard(group.messages);
      await t.does('start', () => group.start());
      await t.gives(
        t.op('iterating', () => toTheEnd(group)),
        [0, 1, 2, 3, 4],
      );
      await t.does('finished', () => group.finished());
      equal(group.state, 'stopped', 'the state');
      equal(told, ['finally'], 'what it told');
      equal(log, ['started 1', 'state started', 'state stopped'], 'its events');
    },
  },
  {
    rule: 'W3',
    name: 'a generator makes what it yields, one letter at a time',
    run: async (t) => {
      const producer = t.add(new Producer(letters, { transport: t.transport, outbox: 1, args: 'mill' }));
      await t.does('start', () => producer.start());
      await t.gives(
        t.op('iterating', () => toTheEnd(producer)),
        ['m', 'i', 'l', 'l'],
      );
    },
  },
  ...(['generator', 'async generator'] as const).map((kind): WorkerCaseSpec => ({
    rule: 'W3',
    name: `the finally block of a stopped ${kind} runs`,
    run: async (t) => {
      const { transport } = t;
      const producer = t.add(
        kind === 'generator'
          ? new Producer(letters, { transport, outbox: 1, args: 'abc' })
          : new Producer(numbers, { transport, outbox: 1, args: { upTo: 9 } }),
      );
      const told: unknown[] = [];
      producer.messages.on((message) => told.push(message));
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 1);
      await t.does('stop', () => producer.stop());
      equal(told, ['finally'], 'what it told');
    },
  })),
  {
    rule: 'W3',
    name: 'undefined, null, tuples and what looks like the end are items like any other; a method may be a field',
    run: async (t) => {
      const producer = t.add(new Producer(oddItems, { transport: t.transport, outbox: 3 }));
      await t.does('start', () => producer.start());
      await t.gives(
        t.op('iterating', () => toTheEnd(producer)),
        [undefined, null, false, [1, 2], [1, 2, 3], { done: true, value: 1 }, ''],
      );
    },
  },
  {
    rule: 'W3',
    name: 'an object is a producer too',
    run: async (t) => {
      const producer = t.add(new Producer(object, { transport: t.transport, args: 40 }));
      await t.does('start', () => producer.start());
      await t.gives(
        t.op('get', () => producer.get()),
        40,
      );
      await t.gives(
        t.op('get', () => producer.get()),
        41,
      );
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W3',
    name: 'a step may make nothing, and may be the last',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { skips: [0, 2, 3], last: 5 } }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      await t.gives(
        t.op('iterating', () => toTheEnd(producer)),
        [1, 4, 5],
      );
      ok(told.includes('stop'), 'onStop should have run');
      equal(producer.state, 'stopped', 'the state');
    },
  },
  {
    rule: 'W3',
    name: 'leaving an iteration gives back the item in hand, and the next one goes on from there',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, args: { last: 3 } }));
      await t.does('start', () => producer.start());
      await t.does('leaving', async () => {
        for await (const n of producer) if (n === 1) break;
      });
      const rest = await t.given(t.op('iterating', () => toTheEnd(producer)));
      // What was in hand may come late (Q2): others were on their way already.
      equal(rest.includes(1), true, 'the item that was in hand came again');
      equal(
        rest.filter((n) => n !== 1),
        [2, 3],
        'the others',
      );
      equal(rest.length, 3, 'how many came');
    },
  },
];
