import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly repetitions: number;
  readonly idleMs: number;
  readonly json: boolean;
}

export const usage = `A producer that counts, ten numbers ahead: get, send(50), get gives 50.

${placeUsage}
  --repetitions N             how often it is sent to 50 with its outbox full (default 1000)
  --idle-ms N                 for how long its idle CPU time is measured (default 2000)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  repetitions: { type: 'string' },
  'idle-ms': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...placeFrom(given),
    repetitions: whole('repetitions', given.repetitions, { default: 1000, min: 0, max: 1_000_000 }),
    idleMs: whole('idle-ms', given['idle-ms'], { default: 2000, min: 0, max: 600_000 }),
    json: given.json ?? false,
  };
}
