/* eslint-disable @typescript-eslint/no-unsafe-call -- some calls must not compile */
import {
  type ConsumerEndpoint,
  type DeadLetter,
  type Delivery,
  defineWorker,
  type ErrorCode,
  hasCode,
  IterableQueue,
  memory,
  type MillraceError,
  type ProducerEndpoint,
  type PutAnswer,
  type QueueEvents,
  ReadyQueue,
  type WorkerContext,
  type WorkerRef,
} from '@millrace/core';
import { describe, expectTypeOf, it } from 'vitest';

interface Page {
  readonly url: string;
  readonly links: readonly string[];
}

const transport = memory();
const queue = new IterableQueue<Page>({ transport, capacity: 10 });
const producer = queue.producer();
const consumer = queue.consumer();
const page: Page = { url: '/', links: [] };

describe('an example', () => {
  it('needs no cast, and names its item type once', async () => {
    const sums = new IterableQueue<number>({ transport: memory(), capacity: 10 });
    const out = sums.producer();
    const source = sums.consumer();
    sums.close();
    for (let n = 1; n <= 100; n++) await out.put(n);
    await out.close();
    let sum = 0;
    for await (const n of source) sum += n;
    expectTypeOf(sum).toBeNumber();
  });
});

describe('a producer endpoint', () => {
  it('takes items of its queue only', () => {
    expectTypeOf(producer).toEqualTypeOf<ProducerEndpoint<Page>>();
    expectTypeOf(producer.put(page)).toEqualTypeOf<PutAnswer | Promise<PutAnswer>>();
    expectTypeOf(producer.tryPut(page)).toEqualTypeOf<boolean | Promise<boolean>>();
    void producer.put(page, { timeout: 5, signal: AbortSignal.timeout(5), transfer: [] });
    void producer.putMany([page, page]);
    void producer.putAll(new Set([page]));
    expectTypeOf(producer.toWritable()).toExtend<WritableStream<Page>>();
    // @ts-expect-error -- not a page
    void producer.put('/');
    // @ts-expect-error -- half a page
    void producer.put({ url: '/' });
    // @ts-expect-error -- not a page
    void producer.tryPut(undefined);
    // @ts-expect-error -- not a page among them
    void producer.putMany([page, 1]);
    // @ts-expect-error -- not pages
    void producer.putAll(['/']);
    // @ts-expect-error -- no such option
    void producer.put(page, { timeOut: 5 });
  });

  it('gives none', () => {
    // @ts-expect-error -- the wrong end
    void producer.get();
    // @ts-expect-error -- the wrong end
    void producer.deliveries();
    // @ts-expect-error -- the wrong end
    producer satisfies AsyncIterable<unknown>;
  });

  it('takes more than is asked for, and not less', () => {
    const wide = new IterableQueue<string | number>({ transport });
    const narrow = new IterableQueue<string>({ transport });
    wide.producer() satisfies ProducerEndpoint<string>;
    // @ts-expect-error -- somebody would put a number into a queue of strings
    narrow.producer() satisfies ProducerEndpoint<string | number>;
  });
});

describe('a consumer endpoint', () => {
  it('gives items of its queue', () => {
    expectTypeOf(consumer).toEqualTypeOf<ConsumerEndpoint<Page>>();
    expectTypeOf(consumer.get()).resolves.toEqualTypeOf<Page>();
    expectTypeOf(consumer.takeMany(5)).resolves.toEqualTypeOf<Page[]>();
    expectTypeOf(consumer.tryGet()).toEqualTypeOf<
      { readonly value: Page } | undefined | Promise<{ readonly value: Page } | undefined>
    >();
    expectTypeOf(consumer.items()).toExtend<AsyncIterable<Page>>();
    expectTypeOf(consumer.take(3)).toExtend<AsyncIterable<Page>>();
    expectTypeOf(consumer.deliveries()).toExtend<AsyncIterable<Delivery<Page>>>();
    expectTypeOf(consumer.batches({ max: 3, within: 5 })).toExtend<AsyncIterable<Page[]>>();
    expectTypeOf(consumer.toReadable()).toExtend<ReadableStream<Page>>();
    expectTypeOf<Delivery<Page>['value']>().toEqualTypeOf<Page>();
    expectTypeOf<Delivery<Page>['put']>().parameter(0).toEqualTypeOf<Page>();
  });

  it('takes none', () => {
    // @ts-expect-error -- the wrong end
    void consumer.put(page);
    // @ts-expect-error -- the wrong end
    void consumer.tryPut(page);
    // @ts-expect-error -- the wrong end
    void consumer.putMany([page]);
    // @ts-expect-error -- how many?
    void consumer.take();
  });

  it('gives less than is asked for, and not more', () => {
    const wide = new IterableQueue<string | number>({ transport });
    const narrow = new IterableQueue<string>({ transport });
    narrow.consumer() satisfies ConsumerEndpoint<string | number>;
    // @ts-expect-error -- somebody would get a number out of a queue of strings
    wide.consumer() satisfies ConsumerEndpoint<string>;
    // @ts-expect-error -- the other end
    narrow.producer() satisfies ConsumerEndpoint<string>;
  });
});

describe('a queue', () => {
  it('takes what a queue can be', () => {
    new IterableQueue<Page>({
      transport,
      overflow: 'drop-oldest',
      acknowledge: 'on-take',
      confirm: 'each',
    });
    // @ts-expect-error -- it needs a transport
    new IterableQueue<Page>({ capacity: 1 });
    // @ts-expect-error -- a number
    new IterableQueue<Page>({ transport, capacity: '1' });
    // @ts-expect-error -- no such way
    new IterableQueue<Page>({ transport, overflow: 'explode' });
    // @ts-expect-error -- no such option
    new IterableQueue<Page>({ transport, capaticy: 1 });
  });

  it('tells events by their names', () => {
    queue.on('endpoint-lost', (event) => {
      expectTypeOf(event).toEqualTypeOf<QueueEvents['endpoint-lost']>();
      expectTypeOf(event.returned).toBeNumber();
    });
    // @ts-expect-error -- no such event
    queue.on('lost', () => undefined);
  });
});

describe('what was added to deliveries', () => {
  it('gives them in batches that can be drained', async () => {
    const batches = consumer.deliveryBatches({ max: 3 });
    expectTypeOf(batches).toExtend<AsyncIterable<Delivery<Page>[]>>();
    batches.drain();
    expectTypeOf<Delivery<Page>['headers']>().toEqualTypeOf<
      Readonly<Record<string, string>> | undefined
    >();
    expectTypeOf<Delivery<Page>['tryPut']>().parameter(0).toEqualTypeOf<Page>();
    // @ts-expect-error -- items are drained by nobody
    consumer.items().drain();
  });

  it('makes dead letters of the very items', () => {
    expectTypeOf(queue.deadLetters.read()).resolves.toEqualTypeOf<DeadLetter<Page>[]>();
    expectTypeOf(queue.deadLetters.putBack('all')).resolves.toBeNumber();
    void queue.deadLetters.purge(['id']);
    // @ts-expect-error -- neither ids nor all of them
    void queue.deadLetters.purge('some');
  });

  it('takes headers of strings', () => {
    void producer.put(page, { headers: { traceparent: '00' } });
    // @ts-expect-error -- a number
    void producer.put(page, { headers: { n: 1 } });
  });
});

describe('a queue with a gate', () => {
  it('is a queue, and can be opened and closed', () => {
    const gated = new ReadyQueue<Page>({ transport, overflow: 'drop-oldest' });
    gated satisfies IterableQueue<Page>;
    expectTypeOf(gated.ready).toBeBoolean();
    expectTypeOf(gated.setReady()).resolves.toBeVoid();
    expectTypeOf(gated.setNotReady()).resolves.toBeNumber();
    expectTypeOf(gated.refuse()).resolves.toBeVoid();
    // @ts-expect-error -- it has no gate
    void queue.setReady();
  });
});

describe('an error', () => {
  it('is told apart by its code', () => {
    const error: unknown = new Error('any');
    if (hasCode(error, 'QUEUE_ENDED')) expectTypeOf(error).toEqualTypeOf<MillraceError>();
    if (hasCode(error, 'PUT_UNCERTAIN')) expectTypeOf(error.details.id).toEqualTypeOf<string>();
    // @ts-expect-error -- no such code
    hasCode(error, 'PUT_UNSURE');
    expectTypeOf<MillraceError['code']>().toEqualTypeOf<ErrorCode>();
  });
});

describe('a worker', () => {
  interface Args {
    readonly out: ProducerEndpoint<Page>;
    readonly from: { readonly urls: ConsumerEndpoint<string> };
    readonly depth: number;
    readonly title?: string;
  }
  const crawl = defineWorker(async () => ({
    default: async ({ depth }: Args, context: WorkerContext) => ({ pages: depth, by: context.id }),
  }));
  const urls = new IterableQueue<string>({ transport });

  it('is started with its own arguments, and answers with its own result', () => {
    const handle = transport.start(crawl, {
      out: producer,
      from: { urls: urls.consumer() },
      depth: 3,
    });
    expectTypeOf(handle.result()).resolves.toEqualTypeOf<{ pages: number; by: string }>();
    void handle.exit.then((exit) => {
      if (exit.status === 'finished')
        expectTypeOf(exit.value).toEqualTypeOf<{ pages: number; by: string }>();
      else expectTypeOf(exit.error).toEqualTypeOf<MillraceError>();
    });
  });

  it('is started with slots in the places of endpoints', () => {
    transport.start(crawl, {
      out: queue.producerSlot(),
      from: { urls: urls.consumerSlot() },
      depth: 3,
      title: 'slots',
    });
  });

  it('is not started with anything else', () => {
    const from = { urls: urls.consumer() };
    // @ts-expect-error -- depth is missing
    transport.start(crawl, { out: producer, from });
    // @ts-expect-error -- depth is a number
    transport.start(crawl, { out: producer, from, depth: '3' });
    // @ts-expect-error -- there is no such argument
    transport.start(crawl, { out: producer, from, depth: 3, breadth: 4 });
    // @ts-expect-error -- the wrong end
    transport.start(crawl, { out: consumer, from, depth: 3 });
    // @ts-expect-error -- the wrong end
    transport.start(crawl, { out: producer, from: { urls: urls.producer() }, depth: 3 });
    // @ts-expect-error -- the wrong items
    transport.start(crawl, { out: urls.producer(), from, depth: 3 });
    // @ts-expect-error -- the wrong items
    transport.start(crawl, { out: producer, from: { urls: consumer }, depth: 3 });
    // @ts-expect-error -- a slot of the wrong end
    transport.start(crawl, { out: queue.consumerSlot(), from, depth: 3 });
    // @ts-expect-error -- a slot for the wrong items
    transport.start(crawl, { out: urls.producerSlot(), from, depth: 3 });
    // @ts-expect-error -- a slot for the wrong items
    transport.start(crawl, { out: producer, from: { urls: queue.consumerSlot() }, depth: 3 });
    // @ts-expect-error -- the queue itself
    transport.start(crawl, { out: queue, from, depth: 3 });
    // @ts-expect-error -- no arguments
    transport.start(crawl);
  });

  it('must be a function', () => {
    // @ts-expect-error -- exports nothing to run
    defineWorker(async () => ({ run: () => 1 }));
    // @ts-expect-error -- not a function
    defineWorker(async () => ({ default: 1 }));
  });

  it('has the same type by whatever it is started', () => {
    const work = async () => ({ default: (n: number) => String(n) });
    const url = 'file:///work.js';
    const factory = (): object => ({});
    type Ref = WorkerRef<(n: number) => string>;
    expectTypeOf(defineWorker(work, { href: url })).toEqualTypeOf<Ref>();
    expectTypeOf(defineWorker(work, factory)).toEqualTypeOf<Ref>();
    expectTypeOf(defineWorker(work, url, factory)).toEqualTypeOf<Ref>();
    // @ts-expect-error -- a factory gives a worker
    defineWorker(work, () => undefined);
  });

  it('may get slots as they are by nobody', () => {
    // A worker asks for endpoints: what it is given for them is the host's affair.
    type Wanted = Parameters<Awaited<ReturnType<typeof crawl.load>>['default']>[0];
    expectTypeOf<Wanted['out']>().toEqualTypeOf<ProducerEndpoint<Page>>();
  });
});

describe('a slot', () => {
  it('keeps to its items', () => {
    const numbers = new IterableQueue<number>({ transport });
    const put = defineWorker(async () => ({
      default: async (_: { out: ProducerEndpoint<number> }) => undefined,
    }));
    const get = defineWorker(async () => ({
      default: async (_: { source: ConsumerEndpoint<number> }) => undefined,
    }));
    const mixed = new IterableQueue<number | string>({ transport });
    transport.start(put, { out: mixed.producerSlot() });
    transport.start(get, { source: numbers.consumerSlot() });
    // @ts-expect-error -- it would get strings
    transport.start(get, { source: mixed.consumerSlot() });
    const putMixed = defineWorker(async () => ({
      default: async (_: { out: ProducerEndpoint<number | string> }) => undefined,
    }));
    // @ts-expect-error -- it would put strings
    transport.start(putMixed, { out: numbers.producerSlot() });
    // @ts-expect-error -- it would put strings
    transport.start(putMixed, { out: numbers.producer() });
  });
});
