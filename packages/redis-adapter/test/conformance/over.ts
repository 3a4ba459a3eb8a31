import { conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connect, type Connection } from '../../dist/testing.js';
import { list, type ServerBinary, sharedCluster, sharedServer } from '../support/servers.ts';
import { redisTarget } from './redis-target.ts';

/** More by `MILLRACE_RUNS=1000`. */
const runs = Number(process.env['MILLRACE_RUNS'] ?? 100);

interface Way {
  readonly binary: ServerBinary;
  readonly library: 'redis' | 'ioredis';
  readonly topology: 'single' | 'Cluster';
}

/** The whole contract, over one kind of server and one client library. A file for each, so that they run side by side. */
export function conformanceOver({ binary, library, topology }: Way): void {
  const name = `${binary.name} ${topology}, ${library}`;
  describe(name, () => {
    let connection: Connection;
    let nodes: readonly Pick<Awaited<ReturnType<typeof sharedServer>>, 'call'>[];
    beforeAll(async () => {
      if (topology === 'single') {
        const server = await sharedServer(binary);
        nodes = [server];
        connection = connect({ url: server.url, library });
      } else {
        const cluster = await sharedCluster(binary);
        ({ nodes } = cluster);
        connection = connect({ cluster: cluster.urls, library });
      }
      await connection.ready();
    });
    afterAll(() => connection.close());
    const keys = async (pattern: string): Promise<string[]> =>
      (await Promise.all(nodes.map((node) => node.call('KEYS', pattern)))).flatMap((reply) => list(reply).map(String));
    const target = redisTarget(name, () => connection, keys, runs);
    for (const { rule, name: title, run } of conformance(target)) it(title, run, 120_000 + (rule === 'all' ? runs * 1000 : 0));
  });
}
