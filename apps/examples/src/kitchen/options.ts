import { parseArgs } from 'node:util';

import { oneOf, readArgs, whole } from '../shared/options.js';
import { redisOptions, redisUsage, type Server, serverFrom } from '../shared/transports.js';

/** The first is the default. */
const roles = ['all', 'cook', 'customer'] as const;

export interface Options extends Server {
  readonly role: (typeof roles)[number];
  readonly table: string;
  /** How many each cook cooks; Infinity until told to stop. */
  readonly dishes: number;
  readonly json: boolean;
}

export const usage = `Cooks and customers, processes at rhythms of their own over two topics in Redis, until SIGINT or SIGTERM.

  --role all|cook|customer    who works here; several of these may run, on several machines (default all)
${redisUsage}
  --table NAME                whose cooks and customers meet (default "kitchen 1")
  --dishes N                  how many each cook cooks before it goes home (default: until told to stop)
  --json                      the last line of the output is one JSON object
`;

const optionTypes = {
  role: { type: 'string' },
  ...redisOptions,
  table: { type: 'string' },
  dishes: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Undefined when only help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(() => parseArgs({ args: [...args], options: optionTypes }).values);
  if (given.help === true) return undefined;
  return {
    ...serverFrom(given),
    role: oneOf('role', given.role, roles),
    table: given.table ?? 'kitchen 1',
    dishes: whole('dishes', given.dishes, { default: Infinity, min: 0, max: 1_000_000 }),
    json: given.json ?? false,
  };
}
