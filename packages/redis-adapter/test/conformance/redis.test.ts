import { conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connect, type Connection } from '../../dist/testing.js';
import { list, serversAtHand, sharedCluster, sharedServer } from '../support/servers.ts';
import { redisTarget } from './redis-target.ts';

/** More by `MILLRACE_RUNS=1000`. */
const runs = Number(process.env['MILLRACE_RUNS'] ?? 100);

type Reached = Pick<Awaited<ReturnType<typeof sharedServer>>, 'call'>;

interface Way {
  readonly name: string;
  readonly library: 'redis' | 'ioredis';
  readonly open: () => Promise<{ readonly options: object; readonly servers: readonly Reached[] }>;
}

const ways: Way[] = serversAtHand().flatMap((binary, i) => {
  const single = async () => {
    const server = await sharedServer(binary);
    return { options: { url: server.url }, servers: [server] };
  };
  const cluster = async () => {
    const found = await sharedCluster(binary);
    return { options: { cluster: found.urls }, servers: found.nodes };
  };
  const { name } = binary;
  const all: Way[] = [
    { name: `${name}, node-redis`, library: 'redis', open: single },
    { name: `${name} Cluster, ioredis`, library: 'ioredis', open: cluster },
    { name: `${name}, ioredis`, library: 'ioredis', open: single },
    { name: `${name} Cluster, node-redis`, library: 'redis', open: cluster },
  ];
  // Every client over the first server; over the others it is the server that is proved.
  return i === 0 ? all : all.slice(0, 2);
});

describe.each(ways)('$name', ({ name, library, open }) => {
  let connection: Connection;
  let servers: readonly Reached[];
  beforeAll(async () => {
    const opened = await open();
    servers = opened.servers;
    connection = connect({ ...opened.options, library });
    await connection.ready();
  });
  afterAll(() => connection.close());
  const keys = async (pattern: string): Promise<string[]> =>
    (await Promise.all(servers.map((server) => server.call('KEYS', pattern)))).flatMap((reply) => list(reply).map(String));
  const target = redisTarget(name, () => connection, keys, runs);
  for (const { rule, name: title, run } of conformance(target)) if (rule !== 'all') it(title, run, 60_000);
  for (const { rule, name: title, run } of conformance(target)) if (rule === 'all') it(title, run, 60_000 + runs * 1000);
});
