// A page with workers, whose life the tests look at. It does as it is told.

import { browserWorkers } from '@millrace/browser-adapter';
import { Consumer, defineWorker, IterableQueue } from '@millrace/core';

/** How long, in ms, a worker may take to start. */
const START = 4000;

const relay = (file: string) =>
  defineWorker(
    () => import('./relay.ts'),
    () => new Worker(file, { type: 'module' }),
  );
const fragile = defineWorker(
  () => import('./fragile.ts'),
  () => new Worker(new URL('./fragile.worker.js', import.meta.url), { type: 'module' }),
);

const transport = browserWorkers({ startTimeout: START });
/** What must not be. */
const wrong: string[] = [];
const events: string[] = [];
let last = 0;
let reached: (() => void) | undefined;

for (const type of ['freeze', 'resume'])
  document.addEventListener(type, () => {
    events.push(type);
  });
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted)
    void lab.more(100).then(() => fetch(wrong.length === 0 ? '/said/restored' : '/said/wrong'));
});

/** Numbers from one worker by another to the page, and nothing but that: none twice, none left out. */
async function flow(): Promise<void> {
  const numbers = new IterableQueue<number>({ transport, capacity: 8 });
  const relayed = new IterableQueue<number>({ transport, capacity: 8 });
  const pauses = new IterableQueue<number>({ transport });
  const worker = relay('relay.worker.js');
  const workers = [
    transport.start(worker, { out: numbers.producer() }),
    transport.start(worker, {
      source: numbers.consumer(),
      out: relayed.producer(),
      pauses: pauses.producer(),
    }),
  ];
  for (const { id, exit } of workers) void exit.then(() => wrong.push(`${id} has ended`));
  void (async () => {
    for await (const delivery of relayed.consumer().deliveries()) {
      const { value, attempt } = delivery;
      if (value !== last + 1 || attempt !== 1)
        wrong.push(`${String(value)} after ${String(last)}, attempt ${String(attempt)}`);
      last = value;
      delivery.ack();
      reached?.();
    }
  })();
  void (async () => {
    for await (const pause of pauses.consumer()) lab.pauses.push(pause);
  })();
  await Promise.all(workers.map((started) => started.started()));
}

const lab = {
  wrong,
  events,
  /** How long, in ms, a worker has stood still: whatever is above a second. */
  pauses: [] as number[],
  flow,

  /** So many more numbers come. */
  async more(count: number): Promise<void> {
    const until = last + count;
    while (last < until)
      await new Promise<void>((resolve) => {
        reached = resolve;
      });
  },

  hidden: (): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (document.visibilityState === 'hidden') resolve();
      };
      document.addEventListener('visibilitychange', look);
      look();
    }),

  /** A worker ends, and another takes its place; what the first had in hand comes again. */
  async restart(): Promise<readonly string[]> {
    const group = new Consumer(fragile, {
      transport,
      restart: { backoff: { min: 10 } },
    });
    await group.start();
    const again = new Promise<void>((resolve) => {
      group.on('started', () => {
        resolve();
      });
    });
    const producer = group.queue.producer();
    await producer.put('end');
    await again;
    const results: string[] = [];
    for await (const result of group.results) {
      results.push(result);
      break;
    }
    await group.stop();
    return results;
  },

  /** Waits in vain, and says how that ended. */
  async timeOut(): Promise<string> {
    const queue = new IterableQueue<number>({ transport, capacity: 1 });
    const producer = queue.producer();
    await producer.put(1);
    try {
      await producer.put(2, { timeout: 50 });
      return 'put';
    } catch (error) {
      return (error as { code: string }).code;
    }
  },

  /** Begins what is to last through a frozen time; `goOn` waits for its end. */
  async suspend(): Promise<void> {
    const queue = new IterableQueue<number>({ transport, capacity: 1 });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    await producer.put(1);
    const put = producer.put(2);
    const group = new Consumer(fragile, { transport, watchdog: 1000 });
    group.on('unresponsive', ({ worker }) => wrong.push(`${worker} is unresponsive`));
    await group.start();
    const starting = transport.start(relay('held/relay.worker.js'), {
      out: new IterableQueue<number>({ transport }).producer(),
    });
    lab.goOn = async () => {
      await starting.started();
      const items = [await consumer.get(), await consumer.get()];
      await put;
      await group.stop();
      return items;
    };
  },

  goOn: (): Promise<readonly number[]> => Promise.reject(new Error('nothing was begun')),
};

export type Lab = typeof lab;
Object.assign(globalThis, { lab });
void fetch('/said/ready');
