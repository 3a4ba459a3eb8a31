import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly consumers: number;
  readonly capacity: number;
  readonly json: boolean;
}

export const usage = `A crawler: its consumers put the links they find into the queue they take pages from.

${placeUsage}
  --consumers N               how many crawlers (default 4)
  --capacity N                how many pages may wait in the queue (default 1024)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  consumers: { type: 'string' },
  capacity: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...placeFrom(given),
    consumers: whole('consumers', given.consumers, { default: 4, min: 1, max: 1000 }),
    capacity: whole('capacity', given.capacity, { default: 1024, min: 1, max: 1_000_000_000 }),
    json: given.json ?? false,
  };
}
