import { hasCode } from '@millrace/core';
import { conformance } from '@millrace/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Connection } from '../../dist/testing.js';
import {
  list,
  type SentinelSet,
  type ServerBinary,
  sharedCluster,
  sharedServer,
  startSentinel,
} from '../support/servers.ts';
import { FailOvers } from './fail-overs.ts';
import { type Other, redisTarget } from './redis-target.ts';

/** More by `MILLRACE_RUNS=1000`. */
const runs = Number(process.env['MILLRACE_RUNS'] ?? 100);
/** The scripts are the same on each server and by each library: few suffice where one has tried many. */
const fewRuns = Number(process.env['MILLRACE_RUNS'] ?? 40);
/** As many as take about as long, while another server becomes the master every few seconds. */
const sentinelRuns = Number(process.env['MILLRACE_RUNS'] ?? 20);

const full = process.env['MILLRACE_FULL'] === '1';

interface Way {
  readonly binary: ServerBinary;
  readonly library: 'redis' | 'ioredis';
  /** Only these rules, unless all is asked for (`MILLRACE_FULL=1`). Default: all. */
  readonly rules?: readonly string[];
}

/** What is under way when connections break, or when keys are elsewhere. */
export const UNDER_WAY = ['all', 'Q5', 'Q10', 'Q11', 'Q12', 'Q14', 'Q18'];

interface OneWay extends Way {
  readonly topology: 'single' | 'Cluster';
  /** With few random sequences. */
  readonly few?: boolean;
}

/** The whole contract, over one kind of server and one client library. A file for each, so that they run side by side. */
export function conformanceOver({ binary, library, topology, few = false, rules }: OneWay): void {
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
      (await Promise.all(nodes.map((node) => node.call('KEYS', pattern)))).flatMap((reply) =>
        list(reply).map(String),
      );
    every(name, () => connection, keys, few ? fewRuns : runs, {}, rules);
  });
}

/** The same over Sentinel, where the master hands over to its replica every few seconds, whatever goes on. */
export function conformanceWhileFailingOver({ binary, library, rules }: Way): void {
  const name = `${binary.name} Sentinel with fail-overs, ${library}`;
  describe(name, () => {
    let set: SentinelSet;
    let connection: Connection;
    let failOvers: FailOvers;
    beforeAll(async () => {
      // The sentinels elect nobody by themselves, however slow the machine: that would lose what was confirmed.
      set = await startSentinel({ binary, downAfter: 600_000 });
      const sentinels = set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port }));
      connection = connect({ sentinel: { name: set.masterName, sentinels }, library });
      await connection.ready();
      // What writes is refused by one that is the master no more.
      failOvers = new FailOvers(set, () => again(connection, ['DEL', 'nothing']));
    }, 120_000);
    afterAll(async () => {
      await connection.close();
      await set.stop();
    });
    const keys = async (pattern: string): Promise<string[]> =>
      ((await again(connection, ['KEYS', pattern])) as readonly Buffer[]).map(String);
    const calm: Other['calm'] = (work) => failOvers.calm(work);
    every(name, () => connection, keys, sentinelRuns, { calm }, rules);
    it('other servers became the master meanwhile, again and again', async () => {
      await failOvers.stop();
      expect(failOvers.count).toBeGreaterThanOrEqual(3);
    }, 60_000);
  });
}

function every(
  name: string,
  connection: () => Connection,
  keys: (pattern: string) => Promise<readonly string[]>,
  times: number,
  other: Other = {},
  rules?: readonly string[],
): void {
  const target = redisTarget(name, connection, keys, times, other);
  for (const { rule, name: title, run } of conformance(target))
    if (full || (rules?.includes(rule) ?? true))
      it(title, run, 120_000 + (rule === 'all' ? times * 1000 : 0));
}

/** For what may be done twice: asks again where the connection broke before the answer. */
async function again(
  connection: Connection,
  args: readonly string[],
): Promise<Awaited<ReturnType<Connection['command']>>> {
  for (;;) {
    try {
      return await connection.command(undefined, args);
    } catch (error) {
      if (!hasCode(error, 'CONNECTION_LOST')) throw error;
    }
  }
}
