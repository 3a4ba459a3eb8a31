import { hasCode } from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startProxy, type TcpProxy } from '../support/proxy.ts';
import { type Server, startServer } from '../support/servers.ts';
import { cutOff, endBehind, queueName } from './ends.ts';
import { brief, Ledger, pause } from './ledger.ts';

/** Once the server is back, so long until items flow again, in ms. */
const RESUMES = 5000;

/** With a lease of 1 s, 10 s is longer than every time-out there is. 70 s takes long: by MILLRACE_OUTAGES=70000. */
const OUTAGES = (process.env['MILLRACE_OUTAGES'] ?? '1000,10000').split(',').map(Number);

async function outage(
  server: Server,
  kind: string,
  ms: number,
  begin: (proxy: TcpProxy) => Promise<void>,
): Promise<void> {
  await using proxy = await startProxy({ target: server.port });
  await using rig = new Ledger({ redis: { url: proxy.url }, look: { url: server.url } });
  await rig.revive(2, 2);
  await rig.moves(30_000);
  await begin(proxy);
  await pause(ms);
  const before = rig.taken;
  await proxy.resume();
  const took = await rig.moves(RESUMES, before);
  const { account, stats } = await rig.finish();
  console.log(kind, ms, 'resumed after', Math.round(took), brief(account));
  const { lost, unmarked, unsettled, failures, taken } = account;
  expect({ lost, unmarked, unsettled, failures }).toEqual({
    lost: [],
    unmarked: [],
    unsettled: [],
    failures: [],
  });
  expect(stats).toMatchObject({ put: taken, acked: taken });
}

describe('an outage', { timeout: 180_000 + 3 * Math.max(...OUTAGES) }, () => {
  for (const ms of OUTAGES) {
    it(`of ${String(ms)} ms, refused or silent, is over for everybody soon after it is over`, async () => {
      const server = await opened(startServer());
      await Promise.all([
        outage(server, 'refused', ms, (proxy) => cutOff(proxy)),
        outage(server, 'silent', ms, async (proxy) => proxy.stall()),
      ]);
    });
  }

  it('fails a put when it was to fail, and repeating that does not double', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue, proxy } = await endBehind(server.port, name);
    const producer = queue.producer();
    await producer.put('first');
    await cutOff(proxy);
    const from = performance.now();
    const failed: unknown = await Promise.resolve(producer.put('second', { timeout: 500 })).catch(
      (error: unknown) => error,
    );
    const took = performance.now() - from;
    expect(took).toBeGreaterThan(490);
    expect(took).toBeLessThan(3000);
    expect(failed).toMatchObject({ code: 'PUT_UNCERTAIN' });
    const id = hasCode(failed, 'PUT_UNCERTAIN') ? failed.details.id : '';
    await proxy.resume();
    expect(await producer.put('second', { id })).toBe('accepted');
    expect(await producer.put('third')).toBe('accepted');
    const got: string[] = [];
    for await (const item of queue.consumer().take(3)) got.push(item);
    expect(got).toEqual(['first', 'second', 'third']);
    expect(await queue.stats()).toMatchObject({ put: 3 });
  });
});
