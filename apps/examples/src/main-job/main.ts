/**
 * The main job: many producers and many consumers over one queue, on real threads, in this process, or in
 * processes over Redis, with nothing lost, even while workers are killed and replaced. `--help` lists the options.
 */
import { MillraceError } from '@millrace/core';

import { count, plural } from '../shared/numbers.js';
import { exitCodeOf, onStopSignal, runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { work } from './job.js';
import { type Options, parseOptions, usage } from './options.js';
import { showProgress } from './progress.js';
import { findFaults, summarize } from './report.js';

async function run(options: Options) {
  const { killEveryMs } = options;
  const transport = await openTransport(options);
  if (killEveryMs > 0 && transport.manifest.isolation === 'none')
    throw new MillraceError(
      'CAPABILITY_MISSING',
      `Option --kill-every-ms needs workers that can die alone; with --transport ${options.transport} they share this process. Leave it out, or use --transport threads or redis.`,
      { transport: transport.name, option: 'kill-every-ms' },
    );

  return work(options, transport, ({ queue, ledger, crew, stop }) => {
    const stopProgress = showProgress(queue, ledger, options.items, crew);
    const stopListening = onStopSignal((signal) => {
      process.stderr.write(`${signal}: no more is put, and what was put is worked off ...\n`);
      stop(signal);
    });
    return () => {
      stopProgress();
      stopListening();
    };
  });
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
  const report = await run(options);
  process.stdout.write(`${summarize(report)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const faults = findFaults(report);
  for (const fault of faults) process.stderr.write(`Error: ${fault}.\n`);
  if (faults.length > 0) return 1;
  return report.stopped === null ? 0 : exitCodeOf(report.stopped);
});
