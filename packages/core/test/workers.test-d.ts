import {
  Consumer,
  type ConsumerContext,
  type ConsumerEndpoint,
  defineWorker,
  IterableQueue,
  memory,
  PlainWorker,
  Producer,
  type ProducerContext,
  type ProducerEndpoint,
  ReadyQueue,
  Supervisor,
  type WorkerModule,
} from '@millrace/core';
import { describe, expectTypeOf, it } from 'vitest';

interface Reading {
  readonly n: number;
  readonly celsius: number;
}

class Sensor {
  private n = 0;
  private unit = '';

  onStart({ unit }: { unit: string; into?: ProducerEndpoint<string> }) {
    this.unit = unit;
    return { opened: true };
  }

  work(context: ProducerContext<never, { battery: number }>) {
    if (this.unit === '') return context.skip;
    const reading: Reading = { n: this.n++, celsius: 20 };
    return reading;
  }

  onMessage(_message: 'recalibrate' | { readonly from: number }) {
    this.n = 0;
  }
}

class Plain {
  work() {
    return 1;
  }
}

class Built {
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }

  work() {
    return Promise.resolve(this.word);
  }
}

async function* pages(args: { start: string }, context: ProducerContext<URL, number>) {
  context.onMessage((url) => {
    expectTypeOf(url).toEqualTypeOf<URL>();
  });
  await context.message(args.start.length);
  yield { url: args.start };
}

class Average {
  async work(readings: readonly Reading[], context: ConsumerContext<string>) {
    await context.message('one');
    return readings.length === 0 ? undefined : { mean: readings.length };
  }

  onMessage(_message: 'reset') {
    return undefined;
  }
}

const load = <Entry>(entry: Entry) => (): Promise<WorkerModule<Entry>> => Promise.resolve({ default: entry });
const transport = memory();

describe('a producer', () => {
  const sensor = new Producer(defineWorker(load(Sensor)), { transport, args: { unit: 'C' } });

  it('gives what its class makes, without what skips', async () => {
    expectTypeOf(sensor.get).returns.resolves.toEqualTypeOf<Reading>();
    for await (const reading of sensor) expectTypeOf(reading).toEqualTypeOf<Reading>();
    expectTypeOf(await sensor.tryGet()).toEqualTypeOf<{ readonly value: Reading } | undefined>();
  });

  it('takes the messages that its class handles, and gives those that it sends', async () => {
    await sensor.send('recalibrate');
    await sensor.send({ from: 1 });
    // @ts-expect-error -- not one of its messages
    await sensor.send('calibrate');
    // @ts-expect-error -- not one of its messages
    await sensor.send(3);
    for await (const message of sensor.messages) expectTypeOf(message).toEqualTypeOf<{ battery: number }>();
  });

  it('takes the arguments of its onStart, with slots for endpoints, and demands them', async () => {
    const queue = new IterableQueue<string>({ transport });
    await sensor.start({ unit: 'F', into: queue.producerSlot() });
    const file = defineWorker(load(Sensor));
    // @ts-expect-error -- the arguments are missing
    new Producer(file, { transport });
    // @ts-expect-error -- a number is no unit
    new Producer(file, { transport, args: { unit: 1 } });
    // @ts-expect-error -- a consumer's slot where a producer's belongs
    new Producer(file, { transport, args: { unit: 'C', into: queue.consumerSlot() } });
    // @ts-expect-error -- the slot of another queue
    new Producer(file, { transport, args: { unit: 'C', into: new IterableQueue<number>({ transport }).producerSlot() } });
  });

  it('has subscribers that take what it makes, and no others', () => {
    sensor.subscribe(new IterableQueue<Reading>({ transport }));
    sensor.subscribe(new ReadyQueue<Reading>({ transport, overflow: 'drop-oldest' }));
    // @ts-expect-error -- a queue of something else
    sensor.subscribe(new IterableQueue<string>({ transport }));
  });

  it('needs no arguments where its class takes none, and takes no messages where it handles none', async () => {
    const plain = new Producer(defineWorker(load(Plain)), { transport });
    expectTypeOf(plain.get).returns.resolves.toBeNumber();
    // @ts-expect-error -- nobody handles it
    await plain.send('hello');
    // @ts-expect-error -- it takes none
    new Producer(defineWorker(load(Plain)), { transport, args: 1 });
  });

  it('may be built with its arguments, or be an object', () => {
    const built = new Producer(defineWorker(load(Built)), { transport, args: 'mill' });
    expectTypeOf(built.get).returns.resolves.toBeString();
    const object = {
      onStart: (from: number) => from,
      work: (context: ProducerContext<never, unknown, number>) => String(context.started),
    };
    const made = new Producer(defineWorker(load(object)), { transport, args: 3 });
    expectTypeOf(made.get).returns.resolves.toBeString();
  });

  it('may be a generator: what it yields, its arguments, its messages both ways', async () => {
    const producer = new Producer(defineWorker(load(pages)), { transport, args: { start: '/' } });
    expectTypeOf(producer.get).returns.resolves.toEqualTypeOf<{ url: string }>();
    await producer.send(new URL('http://localhost'));
    // @ts-expect-error -- not one of its messages
    await producer.send('http://localhost');
    for await (const message of producer.messages) expectTypeOf(message).toBeNumber();
    // @ts-expect-error -- it starts somewhere
    new Producer(defineWorker(load(pages)), { transport });
  });

  it('is not what has no work', () => {
    class Idle {
      rest() {
        return 1;
      }
    }
    // @ts-expect-error -- it has no method `work`
    defineWorker(load(Idle));
    // @ts-expect-error -- a function that gives nothing to iterate over
    new Producer(defineWorker(load(() => 1)), { transport });
  });
});

describe('a consumer', () => {
  const averages = new Consumer(defineWorker(load(Average)), { transport, batchSize: 3 });

  it('has a queue of what its class works on', async () => {
    await averages.queue.producer().put({ n: 1, celsius: 20 });
    // @ts-expect-error -- not what it works on
    await averages.queue.producer().put(1);
    new Consumer(defineWorker(load(Average)), { transport, input: new IterableQueue<Reading>({ transport }) });
    // @ts-expect-error -- a queue of something else
    new Consumer(defineWorker(load(Average)), { transport, input: new IterableQueue<number>({ transport }) });
  });

  it('gives its results, without undefined, and its messages', async () => {
    for await (const result of averages.results) expectTypeOf(result).toEqualTypeOf<{ mean: number }>();
    averages.messages.on((message) => {
      expectTypeOf(message).toBeString();
    });
    await averages.send('reset');
    // @ts-expect-error -- not one of its messages
    await averages.send('restart');
  });

  it('may be a function', async () => {
    const lengths = new Consumer(defineWorker(load((words: readonly string[]) => words.map((word) => word.length))), { transport });
    await lengths.queue.producer().put('mill');
    for await (const result of lengths.results) expectTypeOf(result).toEqualTypeOf<number[]>();
    // @ts-expect-error -- a function handles no messages
    await lengths.send('hello');
  });

  it('fits the producer whose items it works on', () => {
    const sensor = new Producer(defineWorker(load(Sensor)), { transport, args: { unit: 'C' } });
    sensor.subscribe(averages.queue);
  });
});

describe('a plain worker and a supervisor', () => {
  const carry = async ({ from, to }: { from: ConsumerEndpoint<number>; to: ProducerEndpoint<string> }): Promise<void> => {
    for await (const n of from) await to.put(String(n));
  };

  it('takes endpoints or slots of the right queues', () => {
    const [from, to] = [new IterableQueue<number>({ transport }), new IterableQueue<string>({ transport })];
    new PlainWorker(defineWorker(load(carry)), { transport, args: { from: from.consumerSlot(), to: to.producer() } });
    // @ts-expect-error -- the wrong way round
    new PlainWorker(defineWorker(load(carry)), { transport, args: { from: to.consumerSlot(), to: from.producerSlot() } });
    // @ts-expect-error -- the arguments are missing
    new PlainWorker(defineWorker(load(carry)), { transport });
  });

  it('gives back what was added as what it was', async () => {
    const supervisor = new Supervisor();
    const plain = supervisor.add(new Producer(defineWorker(load(Plain)), { transport }));
    expectTypeOf(plain.get).returns.resolves.toBeNumber();
    supervisor.on('failure', ({ group, worker, error, restartIn }) => {
      expectTypeOf([group, worker, error.code]).toExtend<string[]>();
      expectTypeOf(restartIn).toEqualTypeOf<number | undefined>();
    });
    await supervisor.launch();
  });
});
