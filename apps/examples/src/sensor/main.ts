/**
 * A sensor with several subscribers: a consumer that averages batches by count or by time, a lossy queue that holds the
 * newest two readings, and a queue that is not ready and holds nothing. Then the consumer is stopped, and stopped at its
 * queue's end. `--help` lists the options.
 */
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { measure } from './measure.js';
import { parseOptions, usage } from './options.js';

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const report = await measure(options, await openTransport(options), (line) => process.stdout.write(`${line}\n`));
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return 0;
});
