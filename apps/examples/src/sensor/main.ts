/**
 * A sensor with several subscribers: a consumer that averages batches by count or by time, a lossy queue that holds the
 * newest two readings, and a queue that is not ready and holds nothing. Then the consumer is stopped, and stopped at its
 * queue's end. `--help` lists the options.
 */
import { setImmediate } from 'node:timers/promises';

import { Consumer, defineWorker, IterableQueue, Producer, ReadyQueue } from '@millrace/core';

import { thousandths } from '../shared/numbers.js';
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import type { Reading } from './average.js';
import { type Options, parseOptions, usage } from './options.js';

const BATCH = 10;
const INTERVAL_MS = 500;

const sensorFile = defineWorker(() => import('./sensor.js'), new URL('./sensor.js', import.meta.url));
const averageFile = defineWorker(() => import('./average.js'), new URL('./average.js', import.meta.url));

async function measure(options: Options, say: (line: string) => void) {
  const { transport: name, readings } = options;
  const transport = await openTransport(options);
  try {
    await using sensor = new Producer(sensorFile, { transport, name: 'sensor', outbox: false, args: { readings } });
    await using averages = new Consumer(averageFile, { transport, name: 'averages', batchSize: BATCH, interval: INTERVAL_MS });
    const newest = new IterableQueue<Reading>({ transport, name: 'newest', exclusive: true, capacity: 2, overflow: 'drop-oldest' });
    const asleep = new ReadyQueue<Reading>({ transport, name: 'asleep', exclusive: true });
    const [watched, sleeper] = [newest.consumer(), asleep.consumer()];
    for (const queue of [averages.queue, newest, asleep]) sensor.subscribe(queue);

    await averages.start();
    await sensor.start();
    const batches: { readings: number[]; celsius: number; afterMs: number }[] = [];
    const begun = performance.now();
    let seen = 0;
    for await (const { numbers, celsius } of averages.results) {
      batches.push({ readings: numbers, celsius: thousandths(celsius), afterMs: Math.round(performance.now() - begun) });
      say(`readings ${String(numbers[0])} to ${String(numbers.at(-1))}: ${celsius.toFixed(2)} °C on average`);
      seen += numbers.length;
      if (seen === readings) break;
    }
    // Each reading goes to one subscriber after the other, and these are the later ones.
    while ((await newest.stats()).put < readings || (await asleep.stats()).refused < readings) await setImmediate();
    const lossyHolds: number[] = [];
    for (let found = await watched.tryGet(); found !== undefined; found = await watched.tryGet()) lossyHolds.push(found.value.n);
    const { size: notReadyHolds, refused } = await asleep.stats();
    say(`the lossy queue of 2 holds ${lossyHolds.join(' and ')}; the one that is not ready holds ${String(notReadyHolds)}`);
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
    say(`stopped at its queue's end, the consumer worked on ${String(worked.length)} readings, then ${told.join(', ')}`);
    return { transport: name, readings, batches, lossyHolds, notReadyHolds, refused, stoppedEmpty, stoppedAtEnd };
  } finally {
    await transport.close();
  }
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const report = await measure(options, (line) => process.stdout.write(`${line}\n`));
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return 0;
});
