import { parseArgs } from 'node:util';

import { oneOf, readArgs, whole } from '../shared/options.js';
import { transportNames, type TransportName } from '../shared/transports.js';

export interface Options {
  readonly transport: TransportName;
  readonly repetitions: number;
  readonly idleMs: number;
  readonly json: boolean;
}

export const usage = `A producer that counts, ten numbers ahead: get, send(50), get gives 50.

  --transport threads|memory  where it counts (default threads)
  --repetitions N             how often it is sent to 50 with its outbox full (default 1000)
  --idle-ms N                 for how long its idle CPU time is measured (default 2000)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  transport: { type: 'string' },
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
    transport: oneOf('transport', given.transport, transportNames),
    repetitions: whole('repetitions', given.repetitions, { default: 1000, min: 0, max: 1_000_000 }),
    idleMs: whole('idle-ms', given['idle-ms'], { default: 2000, min: 0, max: 600_000 }),
    json: given.json ?? false,
  };
}
