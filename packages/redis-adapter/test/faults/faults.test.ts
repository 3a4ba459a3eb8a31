import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { seeded } from '../support/proxy/random.ts';
import { startSentinel, startServer } from '../support/servers.ts';
import { brief, Ledger, type LedgerOptions, pause } from './ledger.ts';

/** How long each kind of fault goes on by itself, in ms. The storm has all of them, for longer. */
const LASTS = 3000;

/** All of it is over: what was confirmed was settled, once, by whoever had it last. */
async function sound(what: string, rig: Ledger): Promise<void> {
  const { account, stats } = await rig.finish();
  console.log(what, brief(account), JSON.stringify(stats));
  const { lost, unmarked, unfenced, unsettled, failures, taken } = account;
  expect({ lost, unmarked, unfenced, unsettled, failures }).toEqual({
    lost: [],
    unmarked: [],
    unfenced: [],
    unsettled: [],
    failures: [],
  });
  expect(stats).toMatchObject({ put: taken, acked: taken });
}

async function ledger(options: LedgerOptions, producers = 2, consumers = 2): Promise<Ledger> {
  const one = await opened(Promise.resolve(new Ledger(options)));
  await one.revive(producers, consumers);
  return one;
}

async function during(
  ms: number,
  every: number,
  act: (n: number) => Promise<unknown>,
): Promise<void> {
  const until = performance.now() + ms;
  for (let n = 0; performance.now() < until; n++) {
    await pause(every);
    await act(n);
  }
}

describe(
  'nothing that was confirmed is lost, and what comes twice says so',
  { timeout: 180_000 },
  () => {
    it('when producers and consumers are killed', async () => {
      const server = await opened(startServer());
      const url = { url: server.url };
      const rig = await ledger({ redis: url, look: url });
      const random = seeded(4);
      await during(LASTS, 500, async () => {
        const all = rig.running();
        const victim = all[Math.floor(random() * all.length)];
        if (victim !== undefined) await rig.replace(victim);
      });
      await sound('killed', rig);
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
      await sound('stopped', rig);
    });

    it('when the server is killed and comes back', async () => {
      const server = await opened(startServer({ appendonly: 'always' }));
      const url = { url: server.url };
      const rig = await ledger({ redis: url, look: url });
      await during(LASTS, 1500, () => server.restart({ signal: 'SIGKILL' }));
      await sound('server', rig);
    });

    it('when connections are cut, refused, delayed, stalled and half closed', async () => {
      const server = await opened(startServer());
      const proxy = await opened(startProxy({ target: server.port }));
      const rig = await ledger({ redis: { url: proxy.url }, look: { url: server.url } });
      proxy.every(100, 6);
      await pause(LASTS);
      await proxy.resume();
      await sound('proxy', rig);
    });

    it('when scripts are flushed and connections killed', async () => {
      const server = await opened(startServer());
      const url = { url: server.url };
      const rig = await ledger({ redis: url, look: url });
      await during(LASTS, 100, async (n) => {
        if (n % 2 === 0) await server.call('SCRIPT', 'FLUSH');
        else
          await server.call(
            'CLIENT',
            'KILL',
            'TYPE',
            n % 4 === 1 ? 'normal' : 'pubsub',
            'SKIPME',
            'yes',
          );
      });
      await sound('scripts', rig);
    });

    it('when the clocks of all are an hour apart, and one is stopped', async () => {
      const server = await opened(startServer());
      const url = { url: server.url };
      const rig = await ledger({ redis: url, look: url }, 0, 0);
      const hour = 3_600_000;
      await Promise.all([
        rig.start('producer', {}, hour).ready,
        rig.start('producer', {}, -hour).ready,
      ]);
      const fast = rig.start('consumer', {}, hour);
      await Promise.all([fast.ready, rig.start('consumer', {}, -hour).ready]);
      await rig.moves(10_000);
      expect(rig.read().lapses).toBe(0);
      fast.child.kill('SIGSTOP');
      await pause(2500);
      fast.child.kill('SIGCONT');
      await sound('clocks', rig);
    });

    it('when the master hands over to a replica', async () => {
      const set = await opened(startSentinel());
      const sentinel = {
        name: set.masterName,
        sentinels: set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port })),
      };
      const rig = await ledger({ redis: { sentinel }, look: { sentinel } });
      for (let i = 0; i < 2; i++) {
        await rig.moves(15_000);
        await set.handOver();
        const before = rig.taken;
        await rig.moves(5000, before);
      }
      await sound('handed over', rig);
    });
  },
);
