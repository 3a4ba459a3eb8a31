import { parseArgs } from 'node:util';

import { MillraceError } from '@millrace/core';

import { readArgs, whole } from '../shared/options.js';
import { type Place, placeFrom, placeOptions, placeUsage } from '../shared/transports.js';

export interface Options extends Place {
  readonly producers: number;
  readonly consumers: number;
  /** In all; the producers share them. */
  readonly items: number;
  readonly capacity: number;
  readonly workMs: number;
  /** 0: never. */
  readonly killEveryMs: number;
  readonly json: boolean;
}

export const usage = `Producers and consumers over one queue.

${placeUsage}
  --producers N               how many put items (default 17)
  --consumers N               how many take them (default 13)
  --items N                   how many items in all (default 100000)
  --capacity N                how many may wait in the queue (default 1024)
  --work-ms N                 how long a consumer works on each item (default 0)
  --kill-every-ms N           kills a random worker at this rhythm and replaces it, while more than
                              half are at work (not over memory)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  ...placeOptions,
  producers: { type: 'string' },
  consumers: { type: 'string' },
  items: { type: 'string' },
  capacity: { type: 'string' },
  'work-ms': { type: 'string' },
  'kill-every-ms': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  const producers = whole('producers', given.producers, { default: 17, min: 0, max: 1000 });
  const consumers = whole('consumers', given.consumers, { default: 13, min: 0, max: 1000 });
  const items = whole('items', given.items, { default: 100_000, min: 0, max: 50_000_000 });
  const capacity = whole('capacity', given.capacity, { default: 1024, min: 1, max: 1_000_000_000 });
  const workMs = whole('work-ms', given['work-ms'], { default: 0, min: 0, max: 60_000 });
  const killEveryMs = whole('kill-every-ms', given['kill-every-ms'], {
    default: 0,
    min: 1,
    max: 3_600_000,
  });
  if (consumers === 0 && producers > 0 && items > 0)
    throw new MillraceError(
      'BAD_OPTION',
      `With --consumers 0 nobody would take the ${String(items)} items: give at least one consumer, or --items 0.`,
      { option: 'consumers', value: 0 },
    );
  return {
    ...placeFrom(given),
    producers,
    consumers,
    items: producers === 0 ? 0 : items,
    capacity,
    workMs,
    killEveryMs,
    json: given.json ?? false,
  };
}
