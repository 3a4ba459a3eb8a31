import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { isRunning } from './leftovers.ts';
import {
  list,
  serversAtHand,
  sharedCluster,
  startCluster,
  startSentinel,
  type Server,
} from './servers.ts';

/** So many servers start here at once that one may well be silent for half a second. */
const downAfter = 1000;

// They wait for each other's clocks rather than compute: all at once they take no longer than one.
describe.concurrent.each(serversAtHand())('$name', (binary) => {
  test('a cluster of three serves each key where it belongs', async () => {
    const { nodes, urls } = await sharedCluster(binary);
    expect(urls).toHaveLength(3);
    const served = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const outcomes = await Promise.allSettled(
          nodes.map((node) => node.call('SET', `support-cluster-${i}`, i)),
        );
        for (const one of outcomes)
          if (one.status === 'rejected') expect(String(one.reason)).toContain('MOVED');
        return outcomes.findIndex((one) => one.status === 'fulfilled');
      }),
    );
    expect(new Set(served)).toEqual(new Set([0, 1, 2]));
    const again = await sharedCluster(binary);
    expect(again.urls).toEqual(urls);
  });

  test('a cluster with replicas fails over as planned, moves slots, and leaves nothing', async () => {
    await using cluster = await startCluster({ binary, replicas: 1 });
    expect(cluster.servers).toHaveLength(6);
    const owner = await cluster.ownerOf('key');
    await owner.call('SET', 'key', 'value');

    const replica = cluster.replicas[cluster.masters.indexOf(owner)]!;
    await cluster.failover(replica);
    expect(await cluster.ownerOf('key')).toBe(replica);
    expect(await replica.call('GET', 'key')).toBe('value');

    const to = cluster.masters.find((one) => one !== owner)!;
    await cluster.moveSlot(Number(await to.call('CLUSTER', 'KEYSLOT', 'key')), to);
    expect(await cluster.ownerOf('key')).toBe(to);
    expect(await to.call('GET', 'key')).toBe('value');
    await expect(replica.call('GET', 'key')).rejects.toThrow(`MOVED`);

    await vanishes(cluster.servers, () => cluster.stop());
  });

  test('sentinels hand over without loss, and elect another master when theirs is killed', async () => {
    await using set = await startSentinel({ binary, password: 'ab "c', downAfter });
    const first = await set.master();
    await first.call('SET', 'key', 1);

    const handed = await set.handOver();
    expect(handed.from).toBe(first);
    expect(await set.master()).toBe(handed.to);
    expect(await handed.to.call('INCR', 'key')).toBe(2);
    await expect(first.call('INCR', 'key')).rejects.toThrow(/^READONLY/);

    const elected = await set.killMaster();
    expect([elected.from, elected.to]).toEqual([handed.to, first]);
    for (const sentinel of set.sentinels) {
      expect(await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', set.masterName)).toEqual([
        first.host,
        String(first.port),
      ]);
    }
    await elected.from.restart();
    await set.follows(elected.from);
    expect(list(await elected.from.call('ROLE'))[0]).toBe('slave');

    await vanishes([...set.servers, ...set.sentinels], () => set.stop());
  });

  test('sentinels fail over when told to', async () => {
    await using set = await startSentinel({ binary, replicas: 2, downAfter });
    const { from, to } = await set.failover();
    expect(await set.master()).toBe(to);
    expect(to).not.toBe(from);
    expect(await to.call('SET', 'key', 1)).toBe('OK');
  });
});

async function vanishes(servers: readonly Server[], stop: () => Promise<void>): Promise<void> {
  const pids = servers.map(({ pid }) => pid);
  expect(pids.every(isRunning)).toBe(true);
  await stop();
  expect(pids.some(isRunning)).toBe(false);
  expect(servers.some(({ folder }) => existsSync(folder))).toBe(false);
}
