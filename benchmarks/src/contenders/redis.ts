import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Contender } from '../contender.js';
import { percentiles } from '../percentiles.js';
import { encode } from '../redis/json.js';
import { move, type Outcome } from '../redis/run.js';
import type { Cluster, Server } from '../redis/servers.js';
import type { WayName } from '../redis/way.js';

export interface Setting {
  readonly server: () => Server;
  readonly cluster?: () => Cluster;
  readonly processes?: number;
  readonly topics?: number;
  /** Ms between two items. */
  readonly pace?: number;
}

type Settings = Setting & { readonly share?: number; readonly name?: string };

/** Every run in new processes, on an empty server. */
function through(way: WayName, settings: Settings, result: (outcome: Outcome) => number | Record<string, number>): Contender {
  const { server, cluster, processes = 1, topics = 1, pace = 0, share, name = way } = settings;
  return {
    name,
    ...(share === undefined ? {} : { share }),
    async run({ payload, items, warm }) {
      const nodes = cluster?.().nodes ?? [server()];
      for (const node of nodes) await node.cli('flushall');
      const { host, port } = nodes[0]!;
      const outcome = await move({
        way, host, port, topics, pace, warm,
        cluster: cluster !== undefined,
        payload: payload.name,
        items: items + warm,
        producers: processes,
        consumers: processes,
      });
      return result(outcome);
    },
  };
}

export function moves(way: WayName, settings: Settings): Contender {
  return through(way, settings, ({ rate }) => rate);
}

/** One item at a time, each for itself: the first tenth warms up. */
export function lone(way: WayName, settings: Settings): Contender {
  return through(way, { pace: 2, ...settings }, ({ latencies }) => {
    return percentiles(latencies.slice(latencies.length / 10));
  });
}

/** Commands in one pipeline of redis-benchmark. */
const PIPELINE = 64;

/** What the server itself can do: one client that writes, and looks at nothing. */
export function redisBenchmark(name: string, server: () => Server, command: readonly string[]): Contender {
  return {
    name,
    async run({ payload, items }) {
      await server().cli('flushall');
      const value = String(encode(payload.name, payload.make(1)));
      // Full pipelines: it may fail where the last one is not.
      const count = Math.ceil((payload.name === 'large' ? items * 2 : items) / PIPELINE) * PIPELINE;
      const args = ['-p', String(server().port), '-c', '1', '-P', String(PIPELINE), '-n', String(count), '--csv', ...command, value];
      const { stdout } = await promisify(execFile)('redis-benchmark', args, { maxBuffer: 2 ** 24 });
      return Number(/","?([\d.]+)/.exec(stdout.trim().split('\n').at(-1)!)![1]);
    },
  };
}
