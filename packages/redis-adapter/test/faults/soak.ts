// npm run soak -- --suite redis: the storm, until so many items have come through it.

import { parseArgs } from 'node:util';

import { brief } from './ledger.ts';
import { complaints, type Faults, storm } from './storm.ts';

const usage = `npm run soak -- --suite redis [options]

  --items N   items to put and settle while all kinds of faults go on (default 1,000,000)
  --lanes N   puts that wait at once, of each of three producers (default 1,000)
  --seed N    for what is random (default: another one each time; it is printed)
`;

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`Option --${name} is "${text}"; it must be a whole number from 1 up.`);
}

function options(): { items: number; lanes: number; seed: number } | undefined {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      items: { type: 'string', default: '1000000' },
      lanes: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e9)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    items: count('items', values.items),
    lanes: count('lanes', values.lanes),
    seed: count('seed', values.seed),
  };
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

function done({ connections, scripts, clients, kills, stops, restarts }: Faults): string {
  return (
    `${String(connections)} faults of connections, ${String(scripts)} SCRIPT FLUSH, ${String(clients)} CLIENT KILL, ` +
    `${String(kills)} processes killed, ${String(stops)} stopped, ${String(restarts)} restarts of the server`
  );
}

async function soak({
  items,
  lanes,
  seed,
}: {
  items: number;
  lanes: number;
  seed: number;
}): Promise<boolean> {
  console.log(`${items.toLocaleString('en')} items, seed ${String(seed)}`);
  const report = await storm({
    items,
    lanes,
    capacity: 10_000,
    seed,
    every: 10_000,
    progress: ({ ms, settled, faults }) =>
      console.log(`${minutes(ms)}  ${settled.toLocaleString('en')} settled; ${done(faults)}`),
  });
  const { account, faults, ms } = report;
  const { offered, confirmed, settled, marked, refused, lapses } = account;
  const against = complaints(report);
  console.log(`\n${minutes(ms)}  ${done(faults)}`);
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

try {
  const asked = options();
  if (asked === undefined) process.stdout.write(usage);
  else if (!(await soak(asked))) process.exitCode = 1;
} catch (error) {
  const wrong = error instanceof RangeError || error instanceof TypeError;
  process.stderr.write(
    wrong
      ? `BAD_OPTION: ${error.message}\n\n${usage}`
      : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = wrong ? 2 : 1;
}
