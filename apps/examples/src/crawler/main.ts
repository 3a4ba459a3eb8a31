/**
 * A crawler (a queue whose consumers are its producers), which ends by itself when every page that can
 * be reached was crawled, however small the queue is. `--help` lists the options.
 */
import { defineWorker, IterableQueue } from '@millrace/core';

import { count, plural, thousandths } from '../shared/numbers.js';
import { exitCodeOf, onStopSignal, runProgram, type StopSignal } from '../shared/run-program.js';
import { TempFolder } from '../shared/temp-folder.js';
import { openTransport } from '../shared/transports.js';
import { type Options, parseOptions, usage } from './options.js';
import { PAGES } from './site.js';
import { Visits } from './visits.js';

const crawler = defineWorker(
  () => import('./crawler.js'),
  new URL('./crawler.js', import.meta.url),
);

async function crawlSite(options: Options) {
  const { transport: name, consumers, capacity } = options;
  const transport = await openTransport(options);
  using folder = new TempFolder();
  let stopped: StopSignal | undefined;
  const stopListening = onStopSignal((signal) => {
    stopped = signal;
    void transport.close();
  });
  const begun = performance.now();
  try {
    const queue = new IterableQueue<number>({ transport, name: 'pages', exclusive: true, capacity });
    const visits = new Visits(folder.path);
    const crawlers = Array.from({ length: consumers }, (_, i) =>
      transport.start(
        crawler,
        { pages: queue.consumer(), visits: folder.path },
        { name: `crawler-${String(i + 1)}` },
      ),
    );

    // The seed is all that comes from outside: the queue is closed to anybody else.
    const seed = queue.producer();
    queue.close();
    visits.claim(0);
    await seed.put(0);
    await seed.close();

    const results = await Promise.all(crawlers.map((worker) => worker.result()));
    const seconds = (performance.now() - begun) / 1000;
    return {
      transport: name,
      consumers,
      capacity,
      pages: PAGES,
      ...visits.audit(PAGES),
      crawledInPlace: results.reduce((sum, { inPlace }) => sum + inPlace, 0),
      seconds: thousandths(seconds),
    };
  } catch (error) {
    // What was told to stop has not failed.
    if (stopped === undefined) throw error;
    return exitCodeOf(stopped);
  } finally {
    stopListening();
    await transport.close();
  }
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const { transport, consumers, capacity, json } = options;
  process.stdout.write(
    `${plural(consumers, 'crawler')}, ${plural(PAGES, 'page')}; transport ${transport}, capacity ${count(capacity)}\n`,
  );
  const report = await crawlSite(options);
  if (typeof report === 'number') return report;
  const { crawled, missed, repeated, crawledInPlace, seconds } = report;
  process.stdout.write(
    `${plural(crawled, 'page')} crawled in ${seconds.toFixed(2)} s, ${count(crawledInPlace)} of them in place, since the queue had no room\n`,
  );
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (missed > 0) process.stderr.write(`Error: ${plural(missed, 'page')} missed.\n`);
  if (repeated > 0) process.stderr.write(`Error: ${plural(repeated, 'page')} crawled twice.\n`);
  return missed + repeated > 0 ? 1 : 0;
});
