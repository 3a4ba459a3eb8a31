import { type ConformanceCase, conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { clone, connect, type Connection, listManifest, listValuesBy } from '../../dist/testing.js';
import { list, sharedServer } from '../support/servers.ts';
import { redisTarget } from './redis-target.ts';

// JSON carries less than the contract asks of values: what a list keeps of it is seen with a codec that carries all.
describe.each([
  { push: 'left', applies: () => true },
  // The other way round, the rules in which the list's ends matter.
  { push: 'right', applies: ({ rule }: ConformanceCase) => ['all', 'Q2', 'Q4', 'Q9', 'Q11'].includes(rule) },
] as const)('plain lists that are pushed on the $push', ({ push, applies }) => {
  let connection: Connection;
  let server: Awaited<ReturnType<typeof sharedServer>>;
  beforeAll(async () => {
    server = await sharedServer();
    connection = connect({ url: server.url });
    await connection.ready();
  });
  afterAll(() => connection.close());
  const keys = async (pattern: string): Promise<string[]> => list(await server.call('KEYS', pattern)).map(String);
  const target = redisTarget(`lists ${push}`, () => connection, keys, Number(process.env['RUNS'] ?? 20), {
    manifest: listManifest,
    parts: { ...listValuesBy(clone), lists: { key: (name) => name, push, codec: clone.id } },
  });
  for (const { name, run } of conformance(target).filter(applies)) test(name, run);
});
