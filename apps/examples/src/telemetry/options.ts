import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly tables: number;
  readonly json: boolean;
}

export const usage = `Waiters and cooks, seen by OpenTelemetry: spans with links, and metrics of the queue between them.

${placeUsage}
  --tables N                  how many tables order (default 5)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  tables: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...placeFrom(given),
    tables: whole('tables', given.tables, { default: 5, min: 1, max: 100 }),
    json: given.json ?? false,
  };
}
