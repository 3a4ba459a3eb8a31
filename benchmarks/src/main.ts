import { loadavg } from 'node:os';

import type { Suite } from './contender.js';
import { measure } from './measure.js';
import { type BenchOptions, readOptions, type SuiteName, usage, UsageError } from './options.js';
import { machine, toJson, toTable } from './report.js';
import { save } from './results/save.js';

/** Loaded one at a time: a suite needs no other one's libraries. */
const suites: Record<SuiteName, () => Promise<{ suite: Suite }>> = {
  process: () => import('./suites/process.js'),
  threads: () => import('./suites/threads.js'),
  redis: () => import('./suites/redis.js'),
  browser: () => import('./suites/browser.js'),
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.code}: ${error.message}\n\n${usage}`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const { suite } = await suites[options.suite]();
  checkScenarios(suite, options);
  const [date, loadBefore] = [new Date(), Number((loadavg()[0] ?? 0).toFixed(2))];
  const close = await suite.open?.(options);
  const measured = await measure(suite, options, (line) => process.stderr.write(`${line}\n`)).finally(close);
  const on = { ...machine(), ...suite.machine?.() };
  if (measured.rows.length === 0)
    throw new UsageError(`Option --only leaves nothing of suite ${suite.name}.`);
  if (options.save !== undefined) {
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
    const files = await save(options.save, { suite: suite.name, command, date, loadBefore }, on, measured);
    process.stderr.write(`written: ${files.join(', ')}\n`);
  }
  process.stdout.write(`${(options.json ? toJson : toTable)(suite.name, on, measured)}\n`);
}

function checkScenarios({ name, scenarios }: Suite, options: BenchOptions): void {
  const known = [...new Set(scenarios.map((scenario) => scenario.name))];
  const unknown = options.scenarios?.find((asked) => !known.includes(asked));
  if (unknown !== undefined)
    throw new UsageError(`Suite ${name} has no scenario "${unknown}"; it has ${known.join(', ')}.`);
}
