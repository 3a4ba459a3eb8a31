// Several real tabs and no SharedWorker: one of them is the host, until it is closed.

import { describe, expect, it } from 'vitest';
import { Tabs } from './driver.ts';
import { RUNS } from './orders.ts';
import { storm, watchElected } from './storm.ts';

describe('tabs, one of which is the host', () => {
  it('put and take through one queue', async () => {
    const tabs = new Tabs('elected');
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
    const ended = tabs.hears(one, 'ended');
    tabs.tell(one, { kind: 'end', queue: 'items' });
    await Promise.all([took, ended]);
    // What was under way when a batch's time was over may come late (Q2).
    expect(taken.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 500 }, (_, n) => n * RUNS + 1),
    );
  });

  it('go on when the host is closed, with all that it had confirmed', async () => {
    const tabs = new Tabs('elected');
    const host = await tabs.open();
    const put = tabs.hears(host, 'put-all');
    tabs.tell(host, { kind: 'put', queue: 'items', from: 0, to: 200, run: 1 });
    await put;
    const other = await tabs.open();
    const kept = tabs.hears(other, 'kept');
    tabs.tell(other, { kind: 'keep', queue: 'items', count: 5 });
    expect((await kept).items).toEqual([0, 1, 2, 3, 4].map((n) => n * RUNS + 1));
    const taken: (readonly [item: number, attempt: number])[] = [];
    tabs.on((said) => {
      if (said.kind === 'settled') taken.push(...said.items);
    });
    tabs.close(host);
    await tabs.gone(host);
    const took = tabs.hears(other, 'took-all');
    tabs.tell(other, { kind: 'take', queue: 'items' });
    const ended = tabs.hears(other, 'ended');
    tabs.tell(other, { kind: 'end', queue: 'items' });
    await Promise.all([took, ended]);
    // All of them marked: the host that knew which had been delivered is gone.
    expect(taken.sort(([a], [b]) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, n) => [n * RUNS + 1, 2]),
    );
  });

  it('lose nothing of 10,000 items when tabs are closed at random, the host among them', async () => {
    const tabs = new Tabs('elected');
    await storm(tabs, watchElected(tabs));
  });
});
