import type { Contender, Scenario, Suite } from '../contender.js';
import { lone, moves, redisBenchmark, type Setting } from '../contenders/redis.js';
import { type Cluster, type Server, startCluster, startServer } from '../redis/servers.js';

let plain: Server | undefined;
let appending: Server | undefined;
let cluster: Cluster | undefined;

const small = { items: 200_000, warm: 60_000 };
const medium = { items: 150_000, warm: 50_000 };
const large = { items: 3_000, warm: 1_000 };
/** Slow ones move a part of the items, so that their runs take about as long. */
const SHARE = { bullmq: 0.1, 'bullmq-one': 0.03, 'bee-queue': 0.1, each: 0.02 };

const off: Setting = { server: () => plain! };
const everysec: Setting = { server: () => appending! };

function rates(setting: Setting): Contender[] {
  return [
    moves('millrace', setting),
    moves('millrace-ioredis', setting),
    moves('millrace-chunks', setting),
    moves('millrace-each', { ...setting, share: SHARE.each }),
    moves('bullmq', { ...setting, share: SHARE.bullmq }),
    moves('bullmq-one', { ...setting, share: SHARE['bullmq-one'] }),
    moves('bee-queue', { ...setting, share: SHARE['bee-queue'] }),
    moves('hand-written', setting),
    moves('hand-written-node-redis', setting),
    moves('bare-list', setting),
    redisBenchmark('redis-benchmark-xadd', setting.server, ['XADD', 'benchmark', '*', 'v']),
    redisBenchmark('redis-benchmark-lpush', setting.server, ['LPUSH', 'benchmark']),
  ];
}

function several(processes: number): Scenario {
  const setting = { ...off, processes: processes / 2 };
  return {
    name: `processes-${String(processes)}`,
    unit: 'items/s',
    full: true,
    contenders: [moves('millrace', setting), moves('hand-written', setting), moves('bullmq', { ...setting, share: SHARE.bullmq })],
    loads: { medium },
  };
}

function topics(count: number): Contender {
  return moves('millrace', { ...off, cluster: () => cluster!, topics: count, name: `millrace-${String(count)}-topics` });
}

/** Producers and consumers in processes of their own. */
export const suite: Suite = {
  name: 'redis',
  runs: 3,
  scenarios: [
    { name: 'off', unit: 'items/s', contenders: rates(off), loads: { medium } },
    {
      name: 'lone',
      unit: 'us',
      contenders: [lone('millrace', off), lone('bare-list', off), lone('bullmq-one', off), lone('bee-queue', off)],
      loads: { medium: { items: 700, warm: 0 } },
    },
    { name: 'off', unit: 'items/s', full: true, contenders: rates(off), loads: { small, large } },
    { name: 'everysec', unit: 'items/s', full: true, contenders: rates(everysec), loads: { small, medium, large } },
    several(2),
    several(4),
    several(8),
    several(16),
    { name: 'cluster', unit: 'items/s', full: true, contenders: [topics(1), topics(3), topics(12)], loads: { small } },
  ],
  async open({ full }) {
    plain = await startServer('--appendonly', 'no');
    if (full) {
      appending = await startServer('--appendonly', 'yes', '--appendfsync', 'everysec');
      cluster = await startCluster();
    }
    return () => {
      plain?.stop();
      appending?.stop();
      cluster?.stop();
    };
  },
};
