/**
 * The main job: many producers and many consumers over one queue, on real threads, in this process, or in
 * processes over Redis, with nothing lost, even while workers are killed and replaced. `--help` lists the options.
 */
import { defineWorker, IterableQueue, MillraceError } from '@millrace/core';

import { count, plural } from '../shared/numbers.js';
import { exitCodeOf, onStopSignal, runProgram, type StopSignal } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { Crew } from './crew.js';
import type { Item } from './item.js';
import { Ledger } from './ledger.js';
import { type Options, parseOptions, usage } from './options.js';
import { showProgress } from './progress.js';
import { findFaults, makeReport, summarize } from './report.js';

const producerWorker = defineWorker(
  () => import('./producer.js'),
  new URL('./producer.js', import.meta.url),
);
const consumerWorker = defineWorker(
  () => import('./consumer.js'),
  new URL('./consumer.js', import.meta.url),
);

async function work(options: Options) {
  const { producers, consumers, items, capacity, workMs, killEveryMs } = options;
  const transport = await openTransport(options);
  if (killEveryMs > 0 && transport.manifest.isolation === 'none')
    throw new MillraceError(
      'CAPABILITY_MISSING',
      `Option --kill-every-ms needs workers that can die alone; with --transport ${options.transport} they share this process. Leave it out, or use --transport threads or redis.`,
      { transport: transport.name, option: 'kill-every-ms' },
    );

  // Nobody else's, also where others could find it by its name; and the producers ask by themselves for what they put to be
  // confirmed, wherever that is.
  const queue = new IterableQueue<Item>({ transport, name: 'items', exclusive: true, confirm: 'batch', capacity });
  using ledger = new Ledger(items);
  const crew = new Crew();
  const begun = performance.now();
  let stopped: StopSignal | undefined;
  let ended = false;
  let inHandAtKill = 0;

  queue.on('endpoint-lost', ({ role, inHand }) => {
    if (role === 'consumer') inHandAtKill += inHand;
  });

  /** A place that outlives its worker: the queue does not end before the slot is closed. */
  const produce = async (producer: number): Promise<void> => {
    const from = Math.floor((items * producer) / producers);
    const to = Math.floor((items * (producer + 1)) / producers);
    const slot = queue.producerSlot();
    let next = from;
    let book = '';
    await crew.fill(
      (turn) => {
        const name = `producer-${String(producer + 1)}.${String(turn)}`;
        book = ledger.bookFor(name);
        return transport.start(producerWorker, { out: slot, book, producer, from: next, to }, { name });
      },
      () => {
        ledger.read(book);
        next = ledger.firstNotOffered(next, to);
        return stopped === undefined && next < to;
      },
    );
    slot.close();
  };

  const consume = async (consumer: number): Promise<void> => {
    const slot = queue.consumerSlot();
    await crew.fill(
      (turn) => {
        const name = `consumer-${String(consumer + 1)}.${String(turn)}`;
        return transport.start(consumerWorker, { source: slot, book: ledger.bookFor(name), workMs }, { name });
      },
      () => !ended,
    );
    slot.close();
  };

  const stopKilling = killEveryMs > 0 ? every(killEveryMs, () => crew.killOne()) : () => {};
  const stopProgress = showProgress(queue, ledger, items, crew);
  const stopListening = onStopSignal((signal) => {
    process.stderr.write(`${signal}: no more is put, and what was put is worked off ...\n`);
    stopped = signal;
    stopKilling();
    crew.stop();
  });
  try {
    const jobs = [
      ...Array.from({ length: consumers }, (_, i) => consume(i)),
      ...Array.from({ length: producers }, (_, i) => produce(i)),
    ];
    // All slots are open by now: nothing else will put, and the queue ends by itself.
    queue.close();
    const end = queue.ended().then(() => {
      ended = true;
      stopKilling();
    });
    await Promise.all([...jobs, end]);
  } finally {
    stopKilling();
    stopProgress();
    stopListening();
    await transport.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  return makeReport(options, ledger.audit(), {
    killed: crew.killed,
    inHandAtKill,
    seconds,
    stopped,
  });
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const { producers, consumers, items, transport, capacity } = options;
  process.stdout.write(
    `${plural(producers, 'producer')}, ${plural(consumers, 'consumer')}, ${plural(items, 'item')}; transport ${transport}, capacity ${count(capacity)}\n`,
  );
  const report = await work(options);
  process.stdout.write(`${summarize(report)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const faults = findFaults(report);
  for (const fault of faults) process.stderr.write(`Error: ${fault}.\n`);
  if (faults.length > 0) return 1;
  return report.stopped === null ? 0 : exitCodeOf(report.stopped);
});
