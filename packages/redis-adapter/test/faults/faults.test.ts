import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { seeded } from '../support/proxy/random.ts';
import { startSentinel, startServer } from '../support/servers.ts';
import { type Account, Ledger, type LedgerOptions, pause } from './ledger.ts';

/** How long each kind of fault goes on, in ms. */
const LASTS = Number(process.env['MILLRACE_FAULT_MS'] ?? 6000);

function sound({ lost, unmarked }: Account): void {
  expect(lost.slice(0, 10)).toEqual([]);
  expect(unmarked.slice(0, 10)).toEqual([]);
}

async function ledger(options: LedgerOptions, producers = 2, consumers = 2): Promise<Ledger> {
  const one = await opened(Promise.resolve(new Ledger(options)));
  await one.revive(producers, consumers);
  return one;
}

async function during(ms: number, every: number, act: (n: number) => Promise<unknown>): Promise<void> {
  const until = performance.now() + ms;
  for (let n = 0; performance.now() < until; n++) {
    await pause(every);
    await act(n);
  }
}

describe('nothing that was confirmed is lost, and what comes twice says so', { timeout: 120_000 + 3 * LASTS }, () => {
  it('when producers and consumers are killed', async () => {
    const server = await opened(startServer());
    const url = { url: server.url };
    const rig = await ledger({ redis: url, look: url });
    const random = seeded(4);
    await during(LASTS, 1000, async () => {
      const all = rig.running();
      const victim = all[Math.floor(random() * all.length)];
      if (victim !== undefined) await rig.replace(victim);
    });
    const { account, stats } = await rig.finish();
    console.log('killed', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when they are stopped for longer than their lease', async () => {
    const server = await opened(startServer());
    const url = { url: server.url };
    const rig = await ledger({ redis: url, look: url });
    const random = seeded(5);
    await during(LASTS, 300, async () => {
      const all = rig.running();
      const victim = all[Math.floor(random() * all.length)];
      victim?.child.kill('SIGSTOP');
      await pause(1500);
      victim?.child.kill('SIGCONT');
      await rig.revive(2, 2);
    });
    const { account, stats } = await rig.finish();
    console.log('stopped', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when the server is killed and comes back', async () => {
    const server = await opened(startServer({ appendonly: 'always' }));
    const url = { url: server.url };
    const rig = await ledger({ redis: url, look: url });
    await during(LASTS, 1500, () => server.restart({ signal: 'SIGKILL' }));
    const { account, stats } = await rig.finish();
    console.log('server', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when connections are cut, refused, delayed, stalled and half closed', async () => {
    const server = await opened(startServer());
    const proxy = await opened(startProxy({ target: server.port }));
    const rig = await ledger({ redis: { url: proxy.url }, look: { url: server.url } });
    proxy.every(100, 6);
    await pause(LASTS);
    await proxy.resume();
    const { account, stats } = await rig.finish();
    console.log('proxy', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when scripts are flushed and connections killed', async () => {
    const server = await opened(startServer());
    const url = { url: server.url };
    const rig = await ledger({ redis: url, look: url });
    await during(LASTS, 100, async (n) => {
      if (n % 2 === 0) await server.call('SCRIPT', 'FLUSH');
      else await server.call('CLIENT', 'KILL', 'TYPE', n % 4 === 1 ? 'normal' : 'pubsub', 'SKIPME', 'yes');
    });
    const { account, stats } = await rig.finish();
    console.log('scripts', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when the clocks of all are an hour apart, and one is stopped', async () => {
    const server = await opened(startServer());
    const url = { url: server.url };
    const rig = await ledger({ redis: url, look: url }, 0, 0);
    const hour = 3_600_000;
    await Promise.all([rig.start('producer', {}, hour).ready, rig.start('producer', {}, -hour).ready]);
    const [fast] = await Promise.all([rig.start('consumer', {}, hour), rig.start('consumer', {}, -hour).ready]);
    await fast.ready;
    await rig.moves(10_000);
    expect(rig.read().lapses).toBe(0);
    fast.child.kill('SIGSTOP');
    await pause(2500);
    fast.child.kill('SIGCONT');
    const { account, stats } = await rig.finish();
    console.log('clocks', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });

  it('when the master hands over to a replica', async () => {
    const set = await opened(startSentinel());
    const sentinel = { name: set.masterName, sentinels: set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port })) };
    const rig = await ledger({ redis: { sentinel }, look: { sentinel } });
    for (let i = 0; i < 2; i++) {
      await rig.moves(15_000);
      await set.handOver();
      const before = rig.taken;
      await rig.moves(5000, before);
    }
    const { account, stats } = await rig.finish();
    console.log('handed over', JSON.stringify({ ...account, stats }));
    sound(account);
    expect(account.failures).toEqual([]);
    expect(stats.acked).toBe(stats.put);
  });
});
