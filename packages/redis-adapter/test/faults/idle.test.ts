import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { Ledger, pause } from './ledger.ts';

const WATCHED = 8000;

/** What clients have sent: not what runs within their scripts. */
async function commands(server: { call(...command: string[]): Promise<unknown> }): Promise<number> {
  const stats = String(await server.call('INFO', 'commandstats'));
  const sent = [
    ...stats.matchAll(
      /cmdstat_(evalsha|eval|ping|client\|\w+|script\|\w+|subscribe|hello):calls=(\d+)/g,
    ),
  ];
  return sent.reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

describe('who waits for items', { timeout: 60_000 }, () => {
  it('sends less than one command a second', async () => {
    const server = await opened(startServer());
    // The lease that one has who says nothing about it.
    const url = { url: server.url, lease: 15_000 };
    const rig = await opened(Promise.resolve(new Ledger({ redis: url, look: url })));
    const consumers = 3;
    await rig.revive(0, consumers);
    await rig.queue.stats();
    await pause(1000);
    const before = await commands(server);
    const cpu = process.cpuUsage();
    await pause(WATCHED);
    const { user, system } = process.cpuUsage(cpu);
    // The test's own transport is one more that waits.
    const sent = (await commands(server)) - before;
    const each = sent / (WATCHED / 1000) / (consumers + 1);
    console.log(
      `${each.toFixed(2)} commands a second each, ${(((user + system) / 1000 / WATCHED) * 100).toFixed(2)} % CPU`,
    );
    expect(sent).toBeGreaterThan(0);
    expect(each).toBeLessThan(1);
  });
});
