import { codeOf, equal, fails, ok } from '../assert.js';
import { type Bench, nextTurn, numbers, type Pair } from '../bench.js';
import { type CaseSpec, timed } from '../case.js';
import type { WaitOptions } from '../../queues/waits.js';

interface Waiting {
  /** Something that has to wait. */
  readonly start: (pair: Pair, options: WaitOptions) => unknown;
  readonly full: boolean;
}

const WAITS: Record<string, Waiting> = {
  put: { full: true, start: ({ producer }, options) => producer.put('cancelled', options) },
  putMany: {
    full: true,
    start: ({ producer }, options) => producer.putMany(['cancelled', 'cancelled'], options),
  },
  get: { full: false, start: ({ consumer }, options) => consumer.get(options) },
  'next of items': {
    full: false,
    start: ({ consumer }, options) => consumer.items(options).next(),
  },
  'next of take': {
    full: false,
    start: ({ consumer }, options) => consumer.take(2, options).next(),
  },
  'next of deliveries': {
    full: false,
    start: ({ consumer }, options) => consumer.deliveries(options).next(),
  },
  'next of batches': {
    full: false,
    start: ({ consumer }, options) => consumer.batches({ max: 5, ...options }).next(),
  },
  takeMany: { full: false, start: ({ consumer }, options) => consumer.takeMany(5, options) },
};

/** Whatever was cancelled has done nothing, and the queue goes on. */
async function goesOn(t: Bench, { queue, producer, consumer }: Pair, full: boolean): Promise<void> {
  if (full) equal(await t.get(consumer, 1), ['full'], 'what filled the queue');
  const { put } = await t.stats(queue);
  equal(put, full ? 1 : 0, 'items put');
  await t.put(producer, 'next');
  equal(await t.get(consumer, 1), ['next'], 'what came after the cancelled wait');
  await t.hasStats(queue, { size: 0, inHand: 0, redelivered: 0 });
}

/** Q18 Cancelling. */
export const cancelling: CaseSpec[] = [
  ...Object.entries(WAITS).flatMap(([what, { start, full }]): CaseSpec[] => [
    {
      rule: 'Q18',
      name: `${what}: aborted while parked at capacity 1, it has done nothing`,
      run: async (t) => {
        const pair = await t.pair({ capacity: 1 });
        if (full) await t.put(pair.producer, 'full');
        const cancel = t.signal();
        const op = t.op(what, () => start(pair, { signal: cancel.signal }));
        await t.waits(op);
        const reason = new Error('why');
        cancel.abort(reason);
        const error = await t.refused(op, 'ABORTED');
        equal((error.cause as Error).message, 'why', "the error's cause");
        await goesOn(t, pair, full);
      },
    },
    {
      rule: 'Q18',
      name: `${what}: timed out while parked at capacity 1, it has done nothing`,
      when: timed,
      run: async (t) => {
        const pair = await t.pair({ capacity: 1 });
        if (full) await t.put(pair.producer, 'full');
        const op = t.op(what, () => start(pair, { timeout: 50 }));
        await t.waits(op);
        await t.advance(49);
        await t.waits(op);
        await t.advance(1);
        await t.refused(op, 'TIMED_OUT');
        await goesOn(t, pair, full);
      },
    },
    {
      rule: 'Q18',
      name: `${what}: with a signal that has fired, or a time-out that cannot be, it is refused at once`,
      run: async (t) => {
        const pair = await t.pair({ capacity: 1 });
        const cancel = t.signal();
        cancel.abort();
        if (!full) {
          await t.put(pair.producer, 'there');
          await t.settle();
        }
        await fails(() => start(pair, { signal: cancel.signal }), 'ABORTED', what);
        for (const timeout of [-1, NaN, '5' as never])
          await fails(
            () => start(pair, { timeout }),
            'BAD_OPTION',
            `${what} with time-out ${timeout}`,
          );
        if (!full) equal(await t.get(pair.consumer, 1), ['there'], 'what was there');
        await t.hasStats(pair.queue, { size: 0, inHand: 0, put: full ? 0 : 1 });
      },
    },
    {
      rule: 'Q18',
      name: `${what}: aborted in the very turn in which it could go on, it is done or undone, not half`,
      run: async (t) => {
        const pair = await t.pair({ capacity: 1 });
        const { queue, producer, consumer } = pair;
        if (full) await t.put(producer, 'full');
        const cancel = t.signal();
        const op = t.op(what, () => start(pair, { signal: cancel.signal }));
        await t.waits(op);
        const release = full
          ? t.op('get', () => consumer.get())
          : t.op('put', () => producer.put('raced'));
        cancel.abort();
        await t.given(release);
        await t.settle();
        ok(!op.pending, `${what} is pending`);
        if (!full && op.state === 'done') {
          await t.given(t.op('ack', () => consumer.ack()));
          await t.given(t.op('close', () => consumer.close()));
        }
        const { size, put } = await t.stats(queue);
        if (full) equal(put - 1 - size, 0, 'items put but not there');
        else {
          const rest = await t.remaining(queue);
          ok(
            op.state === 'failed' ? rest.length === 1 : rest.length <= 1,
            `the item is ${op.state === 'failed' ? 'lost' : 'doubled'}`,
          );
        }
      },
    },
  ]),
  {
    rule: 'Q18',
    name: 'delivery.put: aborted while parked at capacity 1, it has done nothing',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.consumer(queue);
      await t.put(producer, 1);
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      await t.put(producer, 2);
      const cancel = t.signal();
      const put = t.op('delivery.put', () => held.put('cancelled', { signal: cancel.signal }));
      await t.waits(put);
      cancel.abort();
      await t.refused(put, 'ABORTED');
      await t.given(t.op('ack', () => held.ack()));
      const next = await t.next(deliveries);
      equal(next.value, 2, 'the next item');
      await t.given(t.op('ack', () => next.ack()));
      await t.hasStats(queue, { put: 2, size: 0, inHand: 0 });
    },
  },
  ...(['batch', 'each'] as const).map((confirm): CaseSpec => ({
    rule: 'Q18',
    name: `a put aborted at any moment is done, undone, or uncertain and not doubled when it is put again with its id: confirm ${confirm}`,
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 64, confirm });
      for (let moment = 0; moment < 16; moment++) {
        const cancel = t.signal();
        const put = t.op(`put ${moment}`, () => producer.put(moment, { signal: cancel.signal }));
        for (let turn = 0; turn < moment; turn++) await nextTurn();
        cancel.abort();
        await t.settle();
        if (put.state === 'done') continue;
        const code = codeOf(put.error);
        const { details } = put.refusal(code === 'PUT_UNCERTAIN' ? 'PUT_UNCERTAIN' : 'ABORTED');
        const again = code === 'PUT_UNCERTAIN' ? { id: details['id'] as string } : {};
        await t.gives(
          t.op(`put ${moment} again`, () => producer.put(moment, again)),
          'accepted',
        );
      }
      await t.given(t.op('flush', () => producer.flush()));
      equal(await t.remaining(queue), numbers(16), 'each item, once');
    },
  })),
  {
    rule: 'Q18',
    name: 'an abort after the wait is over changes nothing',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const cancel = t.signal();
      const get = t.op('get', () => consumer.get({ signal: cancel.signal }));
      await t.waits(get);
      await t.gives(
        t.op('put', () => producer.put(1, { signal: cancel.signal })),
        'accepted',
      );
      await t.gives(get, 1);
      cancel.abort();
      await t.hasStats(queue, { put: 1, acked: 1, size: 0, inHand: 0 });
    },
  },
  {
    rule: 'Q18',
    name: 'one signal cancels many waits at once',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const cancel = t.signal();
      const { signal } = cancel;
      const empty = await t.consumer(t.queue({ capacity: 1 }));
      await t.put(producer, 'full');
      const waits = [
        t.op('put', () => producer.put(1, { signal })),
        t.op('put', () => producer.put(2, { signal })),
        t.op('get', () => empty.get({ signal })),
        t.op('next', () => empty.items({ signal }).next()),
      ];
      await t.waits(...waits);
      cancel.abort();
      for (const wait of waits) await t.refused(wait, 'ABORTED');
      equal(cancel.listeners(), 0, 'listeners');
      equal(await t.get(consumer, 1), ['full'], 'what was there');
    },
  },
  {
    rule: 'Q18',
    name: 'a signal that is used many times keeps no listener',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const watched = t.signal();
      const { signal } = watched;
      const iterator = consumer.items({ signal });
      for (let n = 0; n < 200; n++) {
        const next = t.op('next', () => iterator.next());
        await t.gives(
          t.op('put', () => producer.put(n, { signal })),
          'accepted',
        );
        await t.gives(next, { done: false, value: n });
      }
      equal(watched.listeners(), 0, 'listeners');
      await t.given(t.op('return', () => iterator.return!()));
    },
  },
];
