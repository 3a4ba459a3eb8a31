import { parseArgs } from 'node:util';
import { usage } from './failure.js';

export const HELP = `millrace-redis: looks at Millrace queues in Redis or Valkey, and mends them.

  millrace-redis [options] list
  millrace-redis [options] show QUEUE
  millrace-redis [options] watch [QUEUE...]
  millrace-redis [options] letters QUEUE [--max N]
  millrace-redis [options] put-back QUEUE (ID... | --all)
  millrace-redis [options] purge QUEUE (ID... | --all)
  millrace-redis [options] close QUEUE
  millrace-redis [options] drain QUEUE [--deadline TIME]
  millrace-redis [options] clear QUEUE [--deadline TIME]
  millrace-redis [options] remove QUEUE [--force]

Looking changes nothing:
  list        all queues: depth, in hand, endpoints, dead letters, state
  show        one queue: options, counts, sessions and their leases, endpoints, and what keeps it from ending
  watch       depth and rates, once a second, until q or Ctrl-C; plain lines where the output is no terminal
  letters     dead letters, the oldest first

Mending asks first; without a terminal it needs --yes:
  put-back    dead letters go to the queue's tail, as new items
  purge       dead letters are forgotten
  close       the queue takes no new producers; those that are open may go on
  drain       as close, and then waits until everything is taken and done
  clear       what waits is discarded; what is in hand stays
  remove      deletes the queue with all its keys; refused while a session has a lease, unless --force

Options:
  --url URL           redis://user:password@host:port/db, or rediss:// for TLS. Default: MILLRACE_REDIS_URL, else
                      redis://localhost:6379. Give it again for more nodes of a Cluster; one is enough
  --sentinel NAME     the URLs are Sentinels, and this is the name of their master
  --connect-timeout TIME
                      how long to try to connect. Default 10s
  --prefix TEXT       what all keys begin with. Default: millrace:
  --key               queues are named by their keys, as list --json gives them
  --json              one JSON object; for watch one a line
  --max N             letters: how many. Default 100
  --all               put-back, purge: all dead letters
  --deadline TIME     drain, clear: how long to wait, as 500ms, 30s, 5m or 1h. Default: drain no limit, clear 30s
  --interval TIME     watch: how often. Default 1s
  --count N           watch: ends after so many
  --force             remove: even while sessions have leases
  --yes               do it without asking
  --help, --version

A password is best given by MILLRACE_REDIS_URL: arguments can be seen by other users of the machine.
After -- a QUEUE may begin with a dash.

Exit codes: 0 done; 1 failed, or not possible; 2 wrong usage, or --yes is missing; 3 no such queue or dead letter;
4 the deadline passed; 130 interrupted.
`;

export interface Given {
  readonly command: string;
  readonly names: readonly string[];
  readonly urls: readonly string[];
  readonly sentinel: string | undefined;
  readonly connectTimeout: number;
  readonly prefix: string;
  readonly byKey: boolean;
  readonly json: boolean;
  readonly max: number;
  readonly all: boolean;
  readonly deadline: number | undefined;
  readonly interval: number;
  readonly count: number;
  readonly force: boolean;
  readonly yes: boolean;
}

interface Shape {
  /** How many queues it takes. */
  readonly queues: 0 | 1 | 'any';
  /** Whether ids of dead letters follow. */
  readonly ids?: boolean;
  readonly options: readonly string[];
}

/** What each command takes besides the options that all take. */
export const COMMANDS: Readonly<Record<string, Shape>> = {
  list: { queues: 0, options: [] },
  show: { queues: 1, options: [] },
  watch: { queues: 'any', options: ['interval', 'count'] },
  letters: { queues: 1, options: ['max'] },
  'put-back': { queues: 1, ids: true, options: ['all', 'yes'] },
  purge: { queues: 1, ids: true, options: ['all', 'yes'] },
  close: { queues: 1, options: ['yes'] },
  drain: { queues: 1, options: ['deadline', 'yes'] },
  clear: { queues: 1, options: ['deadline', 'yes'] },
  remove: { queues: 1, options: ['force', 'yes'] },
};

/** Longer than that of programs: whoever looks may do so because the server is busy. */
const CONNECT_TIMEOUT = 10_000;

const COMMON = ['url', 'sentinel', 'connect-timeout', 'prefix', 'key', 'json', 'help', 'version'];

export function readArgs(argv: readonly string[], env: NodeJS.ProcessEnv): Given | 'help' | 'version' {
  const { values, positionals } = parse(argv);
  if (values.help === true) return 'help';
  if (values.version === true) return 'version';
  const [command, ...names] = positionals;
  if (command === undefined) throw usage('No command was given.');
  const shape = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (shape === undefined) throw usage(`There is no command ${JSON.stringify(command)}.`);
  for (const option of Object.keys(values))
    if (!COMMON.includes(option) && !shape.options.includes(option)) throw usage(`The command ${command} takes no --${option}.`);
  checkNames(command, shape, names, values.all === true);
  return {
    command,
    names,
    urls: values.url ?? [urlOf(env)],
    sentinel: values.sentinel,
    connectTimeout: duration('connect-timeout', values['connect-timeout']) ?? CONNECT_TIMEOUT,
    prefix: values.prefix ?? 'millrace:',
    byKey: values.key === true,
    json: values.json === true,
    max: whole('max', values.max, 100),
    all: values.all === true,
    deadline: duration('deadline', values.deadline),
    interval: Math.max(50, duration('interval', values.interval) ?? 1000),
    count: whole('count', values.count, Infinity),
    force: values.force === true,
    yes: values.yes === true,
  };
}

function urlOf({ MILLRACE_REDIS_URL: url }: NodeJS.ProcessEnv): string {
  return url === undefined || url === '' ? 'redis://localhost:6379' : url;
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...{ url: { type: 'string', multiple: true }, sentinel: text, 'connect-timeout': text, prefix: text, key: flag, json: flag, max: text, all: flag },
        ...{ deadline: text, interval: text, count: text, force: flag, yes: flag, help: flag, version: flag },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message.replace(/\.? To specify a positional.*$/s, '.') : String(error));
  }
}

function checkNames(command: string, { queues, ids = false }: Shape, names: readonly string[], all: boolean): void {
  if (queues === 0 && names.length > 0) throw usage(`The command ${command} takes no queue.`);
  if (queues !== 1) return;
  if (names.length === 0) throw usage(`The command ${command} needs the name of a queue.`);
  if (!ids && names.length > 1) throw usage(`The command ${command} takes one queue; quote its name if it has spaces.`);
  if (ids && all === names.length > 1) throw usage(`The command ${command} needs ids of dead letters or --all, and not both.`);
}

function whole(option: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (value < 1) throw usage(`--${option} is ${JSON.stringify(given)}; it must be a whole number from 1 up.`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d{1,7}(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? [];
  if (digits === undefined) throw usage(`--${option} is ${JSON.stringify(given)}; it must be a time with its unit, as 500ms, 30s, 5m or 1h.`);
  // What timers can wait for.
  return Math.min(Number(digits) * (UNITS[unit] ?? 1), 2 ** 31 - 1);
}
