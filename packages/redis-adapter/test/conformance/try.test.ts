import { conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { connect, type Connection } from '../../dist/testing.js';
import { sharedServer } from '../support/servers.ts';
import { redisTarget } from './redis-target.ts';

const library = (process.env['LIBRARY'] ?? 'redis') as 'redis' | 'ioredis';
let connection: Connection;
beforeAll(async () => {
  const server = await sharedServer();
  connection = connect({ url: server.url, library });
  await connection.ready();
});
afterAll(() => connection.close());
for (const { name, run } of conformance(redisTarget('redis', () => connection, Number(process.env['RUNS'] ?? 20)))) test(name, run, 60000);
