import {
  Consumer,
  defineWorker,
  IterableQueue,
  Producer,
  ReadyQueue,
  type Transport,
} from '@millrace/core';

import { thousandths } from '../shared/numbers.js';
import { nextTurn } from '../shared/pause.js';
import type { Reading } from './average.js';

const BATCH = 10;
const INTERVAL_MS = 500;

/** The workers, wherever they run: what they are, where Node finds them, and how a page starts them. */
const sensorFile = defineWorker(
  () => import('./sensor.js'),
  new URL(/* @vite-ignore */ './sensor.js', import.meta.url),
  () => new Worker(new URL('./sensor.worker.js', import.meta.url), { type: 'module' }),
);
const averageFile = defineWorker(
  () => import('./average.js'),
  new URL(/* @vite-ignore */ './average.js', import.meta.url),
  () => new Worker(new URL('./average.worker.js', import.meta.url), { type: 'module' }),
);

export interface Measuring {
  readonly transport: string;
  readonly readings: number;
}

/** Lets the sensor feed its subscribers, then stops the consumer in both ways; closes the transport. */
export async function measure(
  { transport: name, readings }: Measuring,
  transport: Transport,
  say: (line: string) => void,
) {
  try {
    await using sensor = new Producer(sensorFile, {
      transport,
      name: 'sensor',
      outbox: false,
      args: { readings },
    });
    await using averages = new Consumer(averageFile, {
      transport,
      name: 'averages',
      batchSize: BATCH,
      interval: INTERVAL_MS,
    });
    const newest = new IterableQueue<Reading>({
      transport,
      name: 'newest',
      exclusive: true,
      capacity: 2,
      overflow: 'drop-oldest',
    });
    const asleep = new ReadyQueue<Reading>({ transport, name: 'asleep', exclusive: true });
    const [watched, sleeper] = [newest.consumer(), asleep.consumer()];
    for (const queue of [averages.queue, newest, asleep]) sensor.subscribe(queue);

    await averages.start();
    await sensor.start();
    const batches: { readings: number[]; celsius: number; afterMs: number }[] = [];
    const begun = performance.now();
    let seen = 0;
    for await (const { numbers, celsius } of averages.results) {
      batches.push({
        readings: numbers,
        celsius: thousandths(celsius),
        afterMs: Math.round(performance.now() - begun),
      });
      say(
        `readings ${String(numbers[0])} to ${String(numbers.at(-1))}: ${celsius.toFixed(2)} °C on average`,
      );
      seen += numbers.length;
      if (seen === readings) break;
    }
    // Each reading goes to one subscriber after the other, and these are the later ones.
    while ((await newest.stats()).put < readings || (await asleep.stats()).refused < readings)
      await nextTurn();
    const lossyHolds: number[] = [];
    for (let found = await watched.tryGet(); found !== undefined; found = await watched.tryGet())
      lossyHolds.push(found.value.n);
    const { size: notReadyHolds, refused } = await asleep.stats();
    say(
      `the lossy queue of 2 holds ${lossyHolds.join(' and ')}; the one that is not ready holds ${String(notReadyHolds)}`,
    );
    await sensor.stop();
    await Promise.all([watched.close(), sleeper.close()]);

    // Stopped when its queue is empty, and then with readings that wait: it works on all of them first.
    const told: string[] = [];
    const worked: number[] = [];
    averages.messages.on((message) => told.push(String(message)));
    averages.results.on(({ numbers }) => worked.push(...numbers));
    await averages.stopAtQueueEnd();
    const stoppedEmpty = { worked: worked.splice(0), told: told.splice(0), state: averages.state };
    await averages.start();
    const more = averages.queue.producer();
    for (let n = 1; n <= BATCH + 3; n++) await more.put({ n, celsius: n });
    await more.close();
    await averages.stopAtQueueEnd();
    const stoppedAtEnd = { worked, told, state: averages.state };
    say(
      `stopped at its queue's end, the consumer worked on ${String(worked.length)} readings, then ${told.join(', ')}`,
    );
    return {
      transport: name,
      readings,
      batches,
      lossyHolds,
      notReadyHolds,
      refused,
      stoppedEmpty,
      stoppedAtEnd,
    };
  } finally {
    await transport.close();
  }
}
