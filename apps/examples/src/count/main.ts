/**
 * CountProducer: an outbox of ten, `get`, `send(50)`, `get` gives 50. Shows too that it makes ten numbers ahead and no
 * more, and what it costs while it idles. `--help` lists the options.
 */
import { count as number, plural } from '../shared/numbers.js';
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { countAhead, isRight } from './count-ahead.js';
import { parseOptions, usage } from './options.js';

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const report = await countAhead(options, await openTransport(options), cpuMs);
  const { madeAhead, idleMs, idleCpuMs, first, repetitions, right } = report;
  process.stdout.write(`made ahead: ${plural(madeAhead, 'number')}; the first two: ${first.join(', ')}\n`);
  process.stdout.write(`CPU time in ${number(idleMs)} ms of idling: ${String(idleCpuMs)} ms\n`);
  process.stdout.write(`send(50), get, get: 50 and 51 in ${number(right)} of ${number(repetitions)} times\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return isRight(report) ? 0 : 1;
});
