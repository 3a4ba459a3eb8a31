import { Consumer } from '../../../groups/consumer.js';
import { Producer } from '../../../groups/producer.js';
import { equal, ok } from '../../assert.js';
import { letters, maker, numbers, sum, taker } from '../../worker-modules.js';
import { copies, isolated, type WorkerCaseSpec } from '../case.js';

/** W5 A message is handled between two steps; after a flush nothing stale comes. */
export const messages: WorkerCaseSpec[] = [
  {
    rule: 'W5',
    name: 'messages sent before the start are handled in order, before the first step',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 4 }));
      const told = t.heard(producer.messages);
      const sent = [
        t.op('ask', () => producer.send('steps')),
        t.op('send 20', () => producer.send({ from: 20, flush: false })),
        t.op('send 30', () => producer.send({ from: 30, flush: false })),
      ];
      for (const send of sent) await t.waits(send);
      await t.does('start', () => producer.start());
      for (const send of sent) await t.given(send);
      await t.gives(
        t.op('get', () => producer.get()),
        30,
      );
      await t.until('it has told', () => told.includes('steps 0'));
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'send resolves once the message is handled, and messages are handled one after the other',
    run: async (t) => {
      const gate = t.gate();
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, args: { gate: gate.args } }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      const first = t.op('the first', () => producer.send('hold'));
      const second = t.op('the second', () => producer.send('steps'));
      await t.waits(first);
      await t.waits(second);
      ok(!told.some((line) => line.startsWith('steps')), 'the second was handled beside the first');
      await gate.open();
      await t.given(first);
      await t.given(second);
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'after a handler that flushes, get gives what was made afterwards, however full the outbox was',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 10 }));
      await t.does('start', () => producer.start());
      const times = t.target.flushes ?? 1000;
      for (let i = 0; i < times; i++) {
        await t.until('the outbox is full', async () => (await producer.stats()).size === 10);
        const from = 50 + (i % 7);
        await t.does('send', () => producer.send({ from }));
        equal([await t.does('get', () => producer.get()), await t.does('get', () => producer.get())], [from, from + 1], `items after message ${String(i)}`);
      }
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'without a flush, what was made ahead comes first',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 3 }));
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 3);
      await t.does('send', () => producer.send({ from: 50, flush: false }));
      const got: number[] = [];
      for (let i = 0; i < 5; i++) got.push(await t.does('get', () => producer.get()));
      equal(got, [0, 1, 2, 50, 51], 'items');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'a flush takes what waits to be put, too; and a message is handled while an item waits for room',
    run: async (t) => {
      // Two workers see room for one item and make one each: the other waits with it in hand.
      const gate = t.gate();
      const args = { at: { 0: 'hold' }, gate: gate.args } as const;
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, count: 2, args }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      await gate.open(2);
      await t.until('the outbox is full', async () => (await producer.stats()).size === 1);
      for (let round = 1; round <= 20; round++) {
        await t.does('send', () => producer.send({ from: round * 1000 }));
        for (let i = 0; i < 3; i++) {
          const got = await t.does('get', () => producer.get());
          ok(got >= round * 1000, `a stale item after message ${String(round)}: ${String(got)}`);
        }
      }
      await t.does('ask', () => producer.send('steps'));
      await t.until('both have told', () => told.filter((line) => line.startsWith('steps')).length === 2);
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'a flush leaves the subscribers what they have',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 3 }));
      const other = t.queue({ capacity: 10 });
      producer.subscribe(other);
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 3);
      await t.does('send', () => producer.send({ from: 50 }));
      equal(await t.takes(other.consumer(), 3), [0, 1, 2], 'what the subscriber has');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'a handler that throws rejects its send with MESSAGE_FAILED and the cause, and production goes on',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1 }));
      await t.does('start', () => producer.start());
      const error = await t.refuses('send', () => producer.send('throw'), 'MESSAGE_FAILED');
      equal([(error.cause as Error).name, (error.cause as Error).message], ['RangeError', 'no -1'], 'the cause');
      await t.refuses('send what throws an error that cannot be copied', () => producer.send('throw-unfit'), 'MESSAGE_FAILED');
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
    rule: 'W5',
    name: 'a message to a worker that has no handler is MESSAGE_UNHANDLED',
    run: async (t) => {
      const { transport } = t;
      const consumer = t.add(new Consumer(sum, { transport }));
      await t.does('start', () => consumer.start());
      // The compiler refuses both.
      const hello = 'hello' as never;
      await t.refuses('send to a function', () => consumer.send(hello), 'MESSAGE_UNHANDLED');
      const producer = t.add(new Producer(letters, { transport, outbox: 1, args: 'abc' }));
      const early = t.op('send before the start', () => producer.send(hello));
      await t.does('start', () => producer.start());
      await t.refused(early, 'MESSAGE_UNHANDLED');
      await t.does('stop', () => Promise.all([producer.stop(), consumer.stop()]));
    },
  },
  {
    rule: 'W5',
    name: 'a generator hears messages too, those sent before the start included',
    run: async (t) => {
      const producer = t.add(new Producer(numbers, { transport: t.transport, outbox: 3, args: { upTo: 1000 } }));
      const early = t.op('send before the start', () => producer.send(40));
      await t.does('start', () => producer.start());
      await t.given(early);
      await t.gives(
        t.op('get', () => producer.get()),
        40,
      );
      await t.until('the outbox is full', async () => (await producer.stats()).size === 3);
      await t.does('send', () => producer.send(70));
      await t.gives(
        t.op('get', () => producer.get()),
        70,
      );
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'a message that the worker did not come to handle is rejected when it stops, and the next run does not see it',
    run: async (t) => {
      const gate = t.gate();
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, args: { stopping: 'hold', gate: gate.args } }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      const stopping = t.op('stop', () => producer.stop());
      await t.until('onStop runs', () => told.includes('stop'));
      const late = t.op('send', () => producer.send({ from: 9 }));
      await gate.open();
      await t.given(stopping);
      await t.refused(late, 'WORKER_NOT_RUNNING');
      await t.does('start', () => producer.start({}));
      await t.gives(
        t.op('get', () => producer.get()),
        0,
      );
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W5',
    name: 'a message to a consumer that does not run is WORKER_NOT_RUNNING',
    run: async (t) => {
      const consumer = t.add(new Consumer(taker, { transport: t.transport }));
      await t.refuses('send', () => consumer.send('note'), 'WORKER_NOT_RUNNING');
    },
  },
  {
    rule: 'W5',
    name: 'a message that cannot be copied is refused where it is sent',
    when: copies,
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1 }));
      await t.does('start', () => producer.start());
      await t.refuses('send', () => producer.send((() => 1) as never), 'VALUE_NOT_CLONEABLE');
      const again = t.op('send another', () => producer.send('steps'));
      await t.given(again);
      await t.does('stop', () => producer.stop());
      const early = t.op('send before the start', () => producer.send((() => 1) as never));
      await t.refuses('start', () => producer.start(), 'VALUE_NOT_CLONEABLE');
      await t.refused(early, 'VALUE_NOT_CLONEABLE');
    },
  },
  {
    rule: 'W5',
    name: 'a message in work when its worker dies is rejected with the reason, and one sent meanwhile waits for the restart',
    when: isolated,
    run: async (t) => {
      const restart = { backoff: { min: 50, jitter: 0 } };
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1, restart }));
      const told = t.heard(producer.messages);
      await t.does('start', () => producer.start());
      const gone = t.event(producer, 'failure');
      const fatal = t.op('send', () => producer.send('exit'));
      await t.refused(fatal, 'WORKER_EXITED');
      await t.given(gone);
      await t.does('send while it is away', () => producer.send('steps'));
      await t.until('it has told', () => told.includes('steps 0'));
      await t.does('stop', () => producer.stop());
    },
  },
];
