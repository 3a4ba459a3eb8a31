import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly readings: number;
  readonly json: boolean;
}

export const usage = `A sensor with several subscribers, one of them lossy and one not ready, and a consumer that averages batches.

${placeUsage}
  --readings N                how many readings it takes (default 23)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  readings: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...placeFrom(given),
    readings: whole('readings', given.readings, { default: 23, min: 2, max: 1000 }),
    json: given.json ?? false,
  };
}
