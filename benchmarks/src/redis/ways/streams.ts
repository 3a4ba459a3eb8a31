import { Redis } from 'ioredis';
import { createClient } from 'redis';

import { REDIS_BATCH, REDIS_TAKE } from '../../contenders/sizes.js';
import { inFlight } from '../in-flight.js';
import { decode, encode } from '../json.js';
import type { Job, Way } from '../way.js';

type Argument = string | Buffer;
interface Client {
  /** Sends them together, and resolves with their replies. */
  all(commands: readonly (readonly Argument[])[]): Promise<unknown[]>;
  close(): unknown;
}

const GROUP = 'group';
/** Pipelines under way. */
const PIPELINES = 4;

/**
 * What a careful programmer writes by hand: one entry for each item, added in pipelines; read by a group in large
 * replies; acknowledged and deleted in one command each. Nothing bounds it.
 */
function way(open: (job: Job) => Promise<Client>): Way {
  return {
    async produce(job, items, pause) {
      const client = await open(job);
      const sends = inFlight(pause === undefined ? PIPELINES : 1);
      let commands: Argument[][] = [];
      for (const item of items) {
        commands.push(['XADD', job.queue, '*', 'v', encode(job.payload, item)]);
        if (pause === undefined && commands.length < REDIS_BATCH) continue;
        await sends.add(client.all(commands));
        commands = [];
        if (pause !== undefined) await pause();
      }
      await sends.add(client.all(commands));
      await sends.all();
      await client.close();
    },
    async consume(job, see, stop, ready) {
      const client = await open(job);
      await client.all([['XGROUP', 'CREATE', job.queue, GROUP, '$', 'MKSTREAM']]);
      ready();
      const name = `consumer-${String(process.pid)}`;
      const read = ['XREADGROUP', 'GROUP', GROUP, name, 'COUNT', String(REDIS_TAKE), 'BLOCK', '100', 'STREAMS', job.queue, '>'];
      let settled: Promise<unknown> = Promise.resolve();
      while (!stop.aborted) {
        const [reply] = (await client.all([read])) as [[Buffer, [Buffer, Buffer[]][]][] | null];
        const ids: Buffer[] = [];
        for (const [id, fields] of reply?.[0]?.[1] ?? []) {
          see(decode(job.payload, fields[1]!));
          ids.push(id);
        }
        if (ids.length === 0) continue;
        await settled;
        settled = client.all([
          ['XACK', job.queue, GROUP, ...ids],
          ['XDEL', job.queue, ...ids],
        ]);
      }
      await settled;
      await client.close();
    },
  };
}

async function byIoredis({ host, port }: Job): Promise<Client> {
  const client = new Redis({ host, port, protocol: 2, lazyConnect: true });
  await client.connect();
  return {
    all: (commands) => Promise.all(commands.map(([name, ...args]) => client.callBuffer(String(name), ...args))),
    close: () => client.quit(),
  };
}

async function byNodeRedis({ host, port }: Job): Promise<Client> {
  const client = createClient({ socket: { host, port }, RESP: 2, commandOptions: { typeMapping: { 43: Buffer, 36: Buffer } } });
  await client.connect();
  return {
    all: (commands) => Promise.all(commands.map((args) => client.sendCommand([...args]))),
    close: () => client.close(),
  };
}

export const ioredis = way(byIoredis);
export const nodeRedis = way(byNodeRedis);
