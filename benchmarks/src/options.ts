import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Where results are kept. */
const results = fileURLToPath(new URL('../results', import.meta.url));

export const suiteNames = ['process', 'threads', 'redis', 'browser'] as const;
export type SuiteName = (typeof suiteNames)[number];

export const browserNames = ['chromium', 'firefox'] as const;
export type BrowserName = (typeof browserNames)[number];

export interface BenchOptions {
  readonly suite: SuiteName;
  readonly json: boolean;
  /** Where the page of suite browser is opened. */
  readonly browser: BrowserName;
  /** How many times each contender runs after its warm-up, in place of the suite's own number. */
  readonly runs: number | undefined;
  /** Without the run of each contender that only warms up. */
  readonly cold: boolean;
  /** All scenarios, also those that take long. */
  readonly full: boolean;
  /** Items in a run, in place of the suite's own numbers. */
  readonly items: number | undefined;
  /** The names of scenarios that alone are to run; undefined for all. */
  readonly scenarios: readonly string[] | undefined;
  /** The folder in which the results are to be kept, if any. */
  readonly save: string | undefined;
  /** Whether `scenario/payload/contender` is among what was asked for. */
  wants(path: string): boolean;
}

export const usage = `npm run bench -- --suite ${suiteNames.join('|')} [options]

  --json       the last line of standard output is one JSON object
  --runs N     runs of each contender after its warm-up, in turns (default 7, redis and threads 3)
  --cold       without the run of each contender that only warms up
  --full       all scenarios, also those that take long
  --items N    items in a run (default: as many as take a third of a second to a few)
  --scenario NAME
               only these scenarios; several names with commas between
  --save       writes the results to benchmarks/results: a table, a plot, and the figures for programs
  --save-to FOLDER
               the same, to another folder
  --only TEXT  only what has TEXT in its scenario/payload/contender; several texts with commas
               between; repeated, all must be found (--only plain/small --only ring,millrace)
  --browser NAME
               where suite browser runs: ${browserNames.join(' or ')} (default chromium)
  --help       this text
`;

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'BAD_OPTION';
}

/** Reads the command line. Undefined when only help was asked for. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const filters = values.only.map((texts) => texts.split(',').filter((text) => text !== ''));
  return {
    suite: oneOf('suite', suiteNames, values.suite),
    json: values.json,
    browser: oneOf('browser', browserNames, values.browser),
    cold: values.cold,
    full: values.full,
    runs: count('runs', values.runs),
    items: count('items', values.items),
    scenarios: values.scenario?.split(',').filter((name) => name !== ''),
    save: values['save-to'] ?? (values.save ? results : undefined),
    wants: (path) => filters.every((texts) => texts.some((text) => path.includes(text))),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        suite: { type: 'string' },
        json: { type: 'boolean', default: false },
        cold: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        runs: { type: 'string' },
        items: { type: 'string' },
        scenario: { type: 'string' },
        save: { type: 'boolean', default: false },
        'save-to': { type: 'string' },
        only: { type: 'string', multiple: true, default: [] as string[] },
        browser: { type: 'string', default: 'chromium' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function oneOf<Name extends string>(option: string, names: readonly Name[], name: string | undefined): Name {
  const found = names.find((known) => known === name);
  if (found !== undefined) return found;
  const given = name === undefined ? 'is missing' : `is "${name}"`;
  throw new UsageError(`Option --${option} ${given}; it can be ${names.join(' or ')}.`);
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`Option --${option} is "${text}"; it must be a whole number from 1 up.`);
}
