import { parseArgs } from 'node:util';

import { oneOf, readArgs, whole } from '../shared/options.js';
import { transportNames, type TransportName } from '../shared/transports.js';

export interface Options {
  readonly transport: TransportName;
  readonly tables: number;
  readonly json: boolean;
}

export const usage = `Waiters and cooks, seen by OpenTelemetry: spans with links, and metrics of the queue between them.

  --transport threads|memory  where the cooks run (default threads)
  --tables N                  how many tables order (default 5)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  transport: { type: 'string' },
  tables: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    transport: oneOf('transport', given.transport, transportNames),
    tables: whole('tables', given.tables, { default: 5, min: 1, max: 100 }),
    json: given.json ?? false,
  };
}
