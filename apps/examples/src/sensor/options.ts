import { parseArgs } from 'node:util';

import { oneOf, readArgs, whole } from '../shared/options.js';
import { transportNames, type TransportName } from '../shared/transports.js';

export interface Options {
  readonly transport: TransportName;
  readonly readings: number;
  readonly json: boolean;
}

export const usage = `A sensor with several subscribers, one of them lossy and one not ready, and a consumer that averages batches.

  --transport threads|memory  where the workers run (default threads)
  --readings N                how many readings it takes (default 23)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  transport: { type: 'string' },
  readings: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    transport: oneOf('transport', given.transport, transportNames),
    readings: whole('readings', given.readings, { default: 23, min: 2, max: 1000 }),
    json: given.json ?? false,
  };
}
