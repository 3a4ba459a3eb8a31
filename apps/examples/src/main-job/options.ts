import { parseArgs } from 'node:util';

import { MillraceError } from '@millrace/core';

import { oneOf, readArgs, whole } from '../shared/options.js';
import { transportNames, type TransportName } from '../shared/transports.js';

export interface Options {
  readonly transport: TransportName;
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

  --transport threads|memory  where they run (default threads)
  --producers N               how many put items (default 17)
  --consumers N               how many take them (default 13)
  --items N                   how many items in all (default 100000)
  --capacity N                how many may wait in the queue (default 1024)
  --work-ms N                 how long a consumer works on each item (default 0)
  --kill-every-ms N           kills a random worker at this rhythm and replaces it (threads only)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  transport: { type: 'string' },
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
  const transport = oneOf('transport', given.transport, transportNames);
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
    transport,
    producers,
    consumers,
    items: producers === 0 ? 0 : items,
    capacity,
    workMs,
    killEveryMs,
    json: given.json ?? false,
  };
}
