// Several real tabs, each with an event loop of its own, and one queue.

import { IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Tabs } from './driver.ts';
import { openTabsAlone } from './opened.ts';
import { RUNS } from './orders.ts';
import { storm } from './storm.ts';

/** The queue as this page, one more tab, sees it. */
function shared(tabs: Tabs, name = 'items') {
  const transport = openTabsAlone(tabs.name);
  const queue = new IterableQueue<number>({ transport, name, capacity: 256 });
  onTestFinished(() => transport.close());
  return queue;
}

function next<K extends keyof QueueEvents>(
  queue: IterableQueue<number>,
  type: K,
  fits: (event: QueueEvents[K]) => boolean = () => true,
) {
  return new Promise<QueueEvents[K]>((resolve) => {
    const off = queue.on(type, (event) => {
      if (!fits(event)) return;
      off();
      resolve(event);
    });
  });
}

/** Resolves once no SharedWorker serves the name. */
async function hostIsGone(name: string): Promise<void> {
  await navigator.locks.request(`millrace:tabs:${name}`, () => undefined);
}

/** All locks of ours that are held or waited for by anybody of this origin. */
async function locks(): Promise<string[]> {
  const { held = [], pending = [] } = await navigator.locks.query();
  const names = [...held, ...pending].map(({ name }) => name ?? '');
  return names.filter((name) => name.startsWith('millrace:')).sort();
}

describe('tabs', () => {
  it('put and take through one queue', async () => {
    const tabs = new Tabs();
    const queue = shared(tabs);
    const [one, two] = [await tabs.open(), await tabs.open()];
    const taken: number[] = [];
    tabs.on((said) => {
      if (said.kind === 'settled') taken.push(...said.items.map(([item]) => item));
    });
    const took = tabs.hears(two, 'took-all');
    tabs.tell(two, { kind: 'take', queue: 'items' });
    const put = tabs.hears(one, 'put-all');
    tabs.tell(one, { kind: 'put', queue: 'items', from: 0, to: 500, run: 1 });
    await put;
    queue.close();
    await took;
    // What was under way when a batch's time was over may come late (Q2).
    expect(taken.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 500 }, (_, n) => n * RUNS + 1),
    );
    await queue.ended();
  });

  it('lose nothing of 10,000 items when tabs are closed at random', async () => {
    const tabs = new Tabs();
    const queue = shared(tabs);
    await storm(tabs, {
      gone: async () => {
        await next(queue, 'endpoint-lost');
      },
      end: async () => {
        queue.close();
        await queue.ended();
      },
    });
  });

  it.each([
    ['is closed', 'close'],
    ['is reloaded', 'reload'],
    ['goes to another page, and back', 'away'],
  ] as const)('what a tab had in hand goes to others when it %s', async (_, kind) => {
    const tabs = new Tabs();
    const queue = shared(tabs);
    const producer = queue.producer();
    for (let n = 0; n < 10; n++) await producer.put(n);
    await producer.close();
    const tab = await tabs.open();
    const kept = tabs.hears(tab, 'kept');
    tabs.tell(tab, { kind: 'keep', queue: 'items', count: 10 });
    expect((await kept).items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const deliveries = queue.consumer().deliveries();
    const back =
      kind === 'close'
        ? undefined
        : Promise.race([tabs.hears(tab, 'ready'), tabs.hears(tab, 'restored')]);
    const lost = next(queue, 'endpoint-lost');
    tabs.tell(tab, { kind });
    expect(await lost).toMatchObject({ role: 'consumer', returned: 10, inHand: 10 });
    for (let n = 0; n < 10; n++) {
      const { value } = await deliveries.next();
      expect([value!.value, value!.attempt]).toEqual([n, 2]);
      value!.ack();
    }
    const after = await back;
    if (after === undefined) return;
    // What the tab was before is over, whether the browser has kept it or not.
    const again =
      after.kind === 'ready'
        ? tabs.hears(tab, 'took-all')
        : expect(tabs.hears(tab, 'took-all')).rejects.toThrow('ENDPOINT_LOST');
    tabs.tell(tab, { kind: 'take', queue: 'items' });
    queue.close();
    await again;
  });

  it('leave nothing when the last one is closed', async () => {
    const before = await locks();
    const tabs = new Tabs();
    const [one, two] = [await tabs.open(), await tabs.open()];
    for (const tab of [one, two]) {
      const put = tabs.hears(tab, 'put-all');
      tabs.tell(tab, { kind: 'put', queue: 'items', from: 0, to: 50, run: 1 });
      await put;
    }
    tabs.tell(one, { kind: 'close' });
    const left = tabs.hears(two, 'left');
    tabs.tell(two, { kind: 'leave' });
    await left;
    tabs.tell(two, { kind: 'close' });
    await hostIsGone(tabs.name);
    expect((await locks()).filter((name) => !before.includes(name))).toEqual([]);
    // Another queue of that name begins anew.
    expect(await shared(tabs).stats()).toMatchObject({ size: 0, put: 0 });
  });
});
