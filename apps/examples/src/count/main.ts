/**
 * CountProducer: an outbox of ten, `get`, `send(50)`, `get` gives 50. Shows too that it makes ten numbers ahead and no
 * more, and what it costs while it idles. `--help` lists the options.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';

import { defineWorker, Producer } from '@millrace/core';

import { count as number, plural, thousandths } from '../shared/numbers.js';
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { type Options, parseOptions, usage } from './options.js';

const OUTBOX = 10;

const counter = defineWorker(() => import('./count.js'), new URL('./count.js', import.meta.url));

async function countAhead(options: Options) {
  const { transport: name, repetitions, idleMs } = options;
  const transport = await openTransport(options);
  try {
    await using count = new Producer(counter, { transport, name: 'count', outbox: OUTBOX });
    const full = async (): Promise<void> => {
      while ((await count.stats()).size < OUTBOX) await setImmediate();
    };
    await count.start();
    await full();
    // The start's own work is over.
    await setTimeout(200);
    const before = process.cpuUsage();
    await setTimeout(idleMs);
    const used = process.cpuUsage(before);
    const idleCpuMs = thousandths((used.user + used.system) / 1000);
    const { put: madeAhead } = await count.stats();

    const first = [await count.get(), await count.get()];
    let right = 0;
    for (let i = 0; i < repetitions; i++) {
      await full();
      await count.send(50);
      if ((await count.get()) === 50 && (await count.get()) === 51) right++;
    }
    await count.stop();
    return { transport: name, madeAhead, idleMs, idleCpuMs, first, repetitions, right };
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
  const report = await countAhead(options);
  const { madeAhead, idleMs, idleCpuMs, first, repetitions, right } = report;
  process.stdout.write(`made ahead: ${plural(madeAhead, 'number')}; the first two: ${first.join(', ')}\n`);
  process.stdout.write(`CPU time in ${number(idleMs)} ms of idling: ${String(idleCpuMs)} ms\n`);
  process.stdout.write(`send(50), get, get: 50 and 51 in ${number(right)} of ${number(repetitions)} times\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return right === repetitions && madeAhead === OUTBOX ? 0 : 1;
});
