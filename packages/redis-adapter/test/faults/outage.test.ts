import { hasCode } from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer } from '../support/servers.ts';
import { cutOff, endBehind, queueName } from './ends.ts';
import { Ledger, pause } from './ledger.ts';

/** Once the server is back, so long until items flow again, in ms. */
const RESUMES = 5000;

/** With a lease of 1 s, 10 s is longer than every time-out there is; the soak also does 70 s with the default one. */
const OUTAGES = (process.env['MILLRACE_OUTAGES'] ?? '1000,10000').split(',').map(Number);

describe('an outage', { timeout: 60_000 + 3 * Math.max(...OUTAGES) }, () => {
  for (const ms of OUTAGES) {
    for (const kind of ['refused', 'silent'] as const) {
      it(`of ${String(ms)} ms, ${kind}, is over for everybody soon after it is over`, async () => {
        const server = await opened(startServer());
        const proxy = await opened(startProxy({ target: server.port }));
        const rig = await opened(Promise.resolve(new Ledger({ redis: { url: proxy.url }, look: { url: server.url } })));
        await rig.revive(2, 2);
        await rig.moves(10_000);
        if (kind === 'refused') await cutOff(proxy);
        else proxy.stall();
        await pause(ms);
        const before = rig.taken;
        await proxy.resume();
        const took = await rig.moves(RESUMES, before);
        const { account, stats } = await rig.finish();
        console.log(kind, ms, 'resumed after', Math.round(took), JSON.stringify({ ...account, put: stats.put }));
        expect(account.lost).toEqual([]);
        expect(account.unmarked).toEqual([]);
        expect(account.failures).toEqual([]);
        expect(stats.acked).toBe(stats.put);
      });
    }
  }

  it('fails a put when it was to fail, and repeating that does not double', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const { queue, proxy } = await endBehind(server.port, name);
    const producer = queue.producer();
    await producer.put('first');
    await cutOff(proxy);
    const from = performance.now();
    const failed: unknown = await Promise.resolve(producer.put('second', { timeout: 500 })).catch((error: unknown) => error);
    const took = performance.now() - from;
    expect(took).toBeGreaterThan(490);
    expect(took).toBeLessThan(1500);
    expect(failed).toMatchObject({ code: 'PUT_UNCERTAIN' });
    // What is accepted meanwhile is bounded by what waits for its answer.
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
