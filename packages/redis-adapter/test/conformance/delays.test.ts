import { conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { clone, connect, type Connection, listManifest, listValuesBy } from '../../dist/testing.js';
import { list, sharedServer } from '../support/servers.ts';
import { redisTarget } from './redis-target.ts';

/** Other tests' cases come at the pace of one machine: here what one process sends arrives long after what another does, or before. */
describe('where every process has its own delays', () => {
  const runs = Number(process.env['MILLRACE_RUNS'] ?? 100);
  const turns = (): number => (Math.random() < 0.3 ? Math.floor(Math.random() * 40) : 0);
  let connection: Connection;
  let server: Awaited<ReturnType<typeof sharedServer>>;
  beforeAll(async () => {
    server = await sharedServer();
    connection = connect({ url: server.url });
    await connection.ready();
  });
  afterAll(() => connection.close());
  const keys = async (pattern: string): Promise<string[]> => list(await server.call('KEYS', pattern)).map(String);
  const targets = [
    redisTarget('queues', () => connection, keys, runs, { turns }),
    redisTarget('plain lists', () => connection, keys, Math.ceil(runs / 5), {
      turns,
      manifest: listManifest,
      parts: { ...listValuesBy(clone), lists: { key: (name) => name, push: 'left', codec: clone.id } },
    }),
  ];
  test.for(targets)('$name: all rules, random sequences', { timeout: 120_000 + runs * 1000 }, async (target) => {
    await conformance(target).find(({ rule }) => rule === 'all')!.run();
  });
});
