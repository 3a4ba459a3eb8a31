import {
  defineWorker,
  IterableQueue,
  type MillraceError,
  type QueueOptions,
  type Transport,
} from '@millrace/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { workerThreads } from '@millrace/node-adapter';
import { itemsOf, openTransport, refusal } from './support.js';
import badInput, { type BadInputArgs, type Refusal } from './workers/bad-input.js';

const worker = defineWorker(
  () => import('./workers/bad-input.js'),
  new URL('./workers/bad-input.ts', import.meta.url),
);

/** How each is refused: code, the path or the option it names, and what its text says. */
const expected: Record<string, readonly [code: string, place?: string | undefined, text?: string]> =
  {
    'a function': ['VALUE_NOT_CLONEABLE', '', 'a function'],
    'a symbol': ['VALUE_NOT_CLONEABLE', '', 'Symbol(mark)'],
    'a function within': ['VALUE_NOT_CLONEABLE', '.a[1].f', 'a[1].f'],
    'a leaf of a cycle': ['VALUE_NOT_CLONEABLE', '.list[1].deep', 'the function deep'],
    'a getter that throws': ['VALUE_NOT_CLONEABLE', '.broken', 'getter'],
    'a buffer that was moved away': ['VALUE_NOT_CLONEABLE', '.gone', 'Uint8Array'],
    'tried with a function': ['VALUE_NOT_CLONEABLE', '.f', 'f'],
    'the second of many': ['VALUE_NOT_CLONEABLE', '[1].f', '[1].f'],
    'a closed producer': ['ENDPOINT_CLOSED'],
    'a closed producer, tried': ['ENDPOINT_CLOSED'],
    'a closed producer, many': ['ENDPOINT_CLOSED'],
    'a closed consumer': ['ENDPOINT_CLOSED'],
    'a closed consumer, tried': ['ENDPOINT_CLOSED'],
    'a closed consumer, iterated': ['ENDPOINT_CLOSED'],
    'put after abort': ['ABORTED'],
    'many put after abort': ['ABORTED'],
    'get after abort': ['ABORTED'],
    'iterated after abort': ['ABORTED'],
    'a time-out of -1': ['BAD_OPTION', 'timeout', '-1'],
    'a time-out of NaN': ['BAD_OPTION', 'timeout', 'NaN'],
    'a time-out of text': ['BAD_OPTION', 'timeout', '"5"'],
    'a get with a bad time-out': ['BAD_OPTION', 'timeout', '-1'],
    'an iteration with a bad time-out': ['BAD_OPTION', 'timeout', 'NaN'],
    'no item at all': ['BAD_OPTION', 'max', '0'],
    'half an item': ['BAD_OPTION', 'count', '1.5'],
    'a batch of nothing': ['BAD_OPTION', 'max', 'NaN'],
    'a batch within less than nothing': ['BAD_OPTION', 'within', '-1'],
    'a time-out that passes': ['TIMED_OUT', undefined, '1 ms'],
    'a transfer that is refused': ['TRANSFER_REFUSED', undefined, 'redelivery'],
    'a transfer of what cannot be moved': ['VALUE_NOT_CLONEABLE', undefined, 'transfer'],
    'a transfer of what is gone': ['VALUE_NOT_CLONEABLE', undefined, 'transfer'],
    'a transfer that a function goes with': ['VALUE_NOT_CLONEABLE', '.f', 'f'],
    'a get from a producer': ['WRONG_DIRECTION'],
    'a put into a consumer': ['WRONG_DIRECTION'],
    'an ack after a nack': ['DELIVERY_SETTLED'],
    'a nack after an ack': ['DELIVERY_SETTLED'],
    'a put of a settled delivery': ['DELIVERY_SETTLED'],
  };

describe.each([
  ['in the host', (_: Transport, args: BadInputArgs) => badInput(args)],
  [
    'in a worker',
    (transport: Transport, args: BadInputArgs) => transport.start(worker, args).result(),
  ],
])('bad input %s', (_, run) => {
  let refusals: Record<string, Refusal | string>;
  let arrived: unknown[];

  beforeAll(async () => {
    const transport = workerThreads();
    const queue = new IterableQueue<unknown>({ transport });
    const two = new IterableQueue<unknown>({ transport });
    await two.producer().putMany(['one', 'two']);
    const narrow = new IterableQueue<unknown>({ transport, capacity: 1 });
    await narrow.producer().put('fills it');
    const strict = new IterableQueue<unknown>({ transport, redelivery: 'required' });
    const out = queue.producer();
    const args = {
      out,
      strict: strict.producer(),
      full: narrow.producer(),
      source: two.consumer(),
    };
    const closed = { closedOut: queue.producer(), closedSource: queue.consumer() };
    queue.close();
    const consuming = itemsOf(queue.consumer());
    refusals = await run(transport, { ...args, ...closed });
    await out.close();
    arrived = await consuming;
    expect(await narrow.stats()).toMatchObject({ size: 1, put: 1 });
    expect(await strict.stats()).toMatchObject({ put: 0 });
    expect(await two.stats()).toMatchObject({ put: 2, acked: 1, size: 1, inHand: 0 });
    await transport.close();
  });

  it.each(Object.keys(expected))('is refused: %s', (name) => {
    const [code, place, text] = expected[name]!;
    expect(refusals[name]).toMatchObject({ code });
    const { path, option, message } = refusals[name] as Refusal;
    if (place !== undefined) expect(path ?? option).toBe(place);
    expect(message).toContain(text ?? '');
  });

  it('leaves what it did not move whole', () => {
    expect(refusals['left whole']).toBe('1,2,3');
  });

  it('puts nothing, and stops nothing', () => {
    expect(arrived).toEqual(Object.keys(expected));
  });
});

describe('a queue that cannot be', () => {
  it.each<[string, QueueOptions, unknown]>([
    ['capacity', { capacity: -1 }, -1],
    ['capacity', { capacity: NaN }, NaN],
    ['capacity', { capacity: 0 }, 0],
    ['capacity', { capacity: 1.5 }, 1.5],
    ['capacity', { capacity: '5' as never }, '5'],
    ['overflow', { overflow: 'explode' as never }, 'explode'],
    ['acknowledge', { acknowledge: 'never' as never }, 'never'],
    ['confirm', { confirm: true as never }, true],
    ['redelivery', { redelivery: 'no' as never }, 'no'],
  ])('is refused for its %s: %o', async (option, options, value) => {
    const transport = openTransport();
    const error: MillraceError = await refusal(
      'BAD_OPTION',
      () => new IterableQueue({ transport, ...options }),
    );
    expect(error.details).toMatchObject({ option, value });
    expect(error.message).toContain(option);
    expect(transport.health().queues).toEqual([]);
  });

  it('takes no new producer once it is closed', async () => {
    const queue = new IterableQueue<string>({ transport: openTransport(), name: 'shut' });
    const producer = queue.producer();
    queue.close();
    for (const act of [() => queue.producer(), () => queue.producerSlot()]) {
      const error = await refusal('QUEUE_CLOSED', act);
      expect(error.message).toContain('"shut"');
    }
    await producer.put('still here');
    await producer.close();
    expect(await itemsOf(queue.consumer())).toEqual(['still here']);
  });
});
