import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly children: number;
  readonly jobs: number;
  readonly upTo: number;
  readonly json: boolean;
}

export const usage = `A parent and its children, first over a pipe each and then all in one conversation: DO, FINISHED and DIE.

${placeUsage}
  --children N                how many (default 5)
  --jobs N                    into how many jobs the work is cut (default 40)
  --up-to N                   the work: to count the primes below this (default 200000)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  children: { type: 'string' },
  jobs: { type: 'string' },
  'up-to': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...placeFrom(given),
    children: whole('children', given.children, { default: 5, min: 1, max: 1000 }),
    jobs: whole('jobs', given.jobs, { default: 40, min: 1, max: 100_000 }),
    upTo: whole('up-to', given['up-to'], { default: 200_000, min: 0, max: 10_000_000 }),
    json: given.json ?? false,
  };
}
