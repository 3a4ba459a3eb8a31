// npm run soak -- --suite redis: the storm, until so many items have come through it.

import { parseArgs } from 'node:util';

import { brief } from './ledger.ts';
import { complaints, type Faults, storm } from './storm.ts';

const usage = `npm run soak -- --suite redis [options]

  --items N    items to put and settle while all kinds of faults go on (default 1,000,000)
  --minutes N  end after so long, however many items have come through by then
  --lanes N    puts that wait at once, of each of three producers (default 1,000)
  --seed N     for what is random (default: another one each time; it is printed)
`;

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`Option --${name} is "${text}"; it must be a whole number from 1 up.`);
}

interface Options {
  readonly items: number;
  readonly minutes: number;
  readonly lanes: number;
  readonly seed: number;
}

function options(): Options | undefined {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      items: { type: 'string', default: '1000000' },
      minutes: { type: 'string' },
      lanes: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e9)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    items: count('items', values.items),
    minutes: values.minutes === undefined ? Infinity : count('minutes', values.minutes),
    lanes: count('lanes', values.lanes),
    seed: count('seed', values.seed),
  };
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

function done({ connections, scripts, clients, kills, stops, restarts }: Faults): string {
  return (
    `${String(connections)} faults of connections, ${String(scripts)} SCRIPT FLUSH, ${String(clients)} CLIENT KILL, ` +
    `${String(kills)} processes killed, ${String(stops)} stopped, ${String(restarts)} restarts of the server`
  );
}

async function soak({ items, minutes, lanes, seed }: Options): Promise<boolean> {
  console.log(`${items.toLocaleString('en')} items, seed ${String(seed)}`);
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => (interrupted = true));
  const report = await storm({
    enough: ({ ms, settled }) => settled >= items || ms >= minutes * 60_000 || interrupted,
    lanes,
    capacity: 10_000,
    seed,
    every: 10_000,
    progress: ({ ms, settled, faults }) =>
      console.log(`${clock(ms)}  ${settled.toLocaleString('en')} settled; ${done(faults)}`),
  });
  const { account, faults, ms } = report;
  const { offered, confirmed, settled, marked, refused, lapses } = account;
  const against = complaints(report);
  console.log(`\n${clock(ms)}  ${done(faults)}`);
  console.log(
    `${String(offered)} ids offered, ${String(confirmed)} confirmed, ${String(settled)} settled`,
  );
  console.log(
    `${String(marked)} deliveries marked as redelivered, ${String(refused)} acks refused, ${String(lapses)} leases lost`,
  );
  console.log(
    `${String(account.lost.length)} lost, ${String(account.unmarked.length)} unmarked, ${String(account.unsettled.length)} settled by a stale lease`,
  );
  if (against.length === 0) return true;
  console.error(`FAILED\n${against.map((one) => `- ${one}`).join('\n')}\n${brief(account)}`);
  return false;
}

let asked: Options | undefined;
try {
  asked = options();
  if (asked === undefined) process.stdout.write(usage);
} catch (error) {
  process.stderr.write(
    `BAD_OPTION: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`,
  );
  process.exitCode = 2;
}
if (asked !== undefined && !(await soak(asked))) process.exitCode = 1;
