// Several real tabs, each with an event loop of its own, and one queue.

import { IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type {} from '../engines/context.ts';
import { Tabs } from './driver.ts';
import { openTabs } from './opened.ts';
import { RUNS } from './orders.ts';

/** The queue as this page, one more tab, sees it. */
function shared(tabs: Tabs, name = 'items') {
  const transport = openTabs(tabs.name);
  const queue = new IterableQueue<number>({ transport, name, capacity: 256 });
  onTestFinished(() => transport.close());
  return queue;
}

function next<K extends keyof QueueEvents>(queue: IterableQueue<number>, type: K, fits: (event: QueueEvents[K]) => boolean = () => true) {
  return new Promise<QueueEvents[K]>((resolve) => {
    const off = queue.on(type, (event) => {
      if (!fits(event)) return;
      off();
      resolve(event);
    });
  });
}

/** Numbers from 0 up to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
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
    expect(taken).toEqual(Array.from({ length: 500 }, (_, n) => n * RUNS + 1));
    await queue.ended();
  });

  it('lose nothing of 10,000 items when tabs are closed at random', async () => {
    const seed = Number(import.meta.env['MILLRACE_SEED'] ?? 20261122);
    const random = seeded(seed);
    const COUNT = 10_000;
    const tabs = new Tabs();
    const queue = shared(tabs);
    const settled = new Map<number, number[]>();
    const confirmed = new Map<string, number>();
    tabs.on((said) => {
      if (said.kind === 'settled')
        for (const [item, attempt] of said.items) settled.set(item, [...(settled.get(item) ?? []), attempt]);
      if (said.kind === 'confirmed') confirmed.set(said.from, said.upTo);
    });
    const handOvers: number[] = [];
    let runs = 0;
    let closings = 0;
    // Two that put a half each, and take; one that only takes. Each is closed some times, and another opened in its place.
    const live = async (from: number, to: number, deaths: number): Promise<void> => {
      for (let at = from; ; deaths--) {
        const tab = await tabs.open();
        const done = at < to ? tabs.hears(tab, 'put-all') : Promise.resolve();
        const all = tabs.hears(tab, 'took-all');
        confirmed.set(tab, at);
        tabs.tell(tab, { kind: 'take', queue: 'items' });
        if (at < to) tabs.tell(tab, { kind: 'put', queue: 'items', from: at, to, run: ++runs });
        if (deaths === 0) {
          await done;
          ends.push(all);
          return;
        }
        await amount(tabs, Math.floor(random() * 1200) + 300);
        closings++;
        const lost = next(queue, 'endpoint-lost');
        const before = performance.now();
        tabs.tell(tab, { kind: 'close' });
        await lost;
        handOvers.push(performance.now() - before);
        at = Math.max(at, confirmed.get(tab)!);
      }
    };
    const ends: Promise<unknown>[] = [];
    await Promise.all([live(0, COUNT / 2, 3), live(COUNT / 2, COUNT, 3), live(0, 0, 3)]);
    queue.close();
    await Promise.all(ends);
    await queue.ended();

    const arrived = new Set([...settled.keys()].map((item) => Math.floor(item / RUNS)));
    expect(Array.from({ length: COUNT }, (_, n) => n).filter((n) => !arrived.has(n))).toEqual([]);
    const repeated = [...settled.values()].filter((attempts) => attempts.length > 1);
    // One of the deliveries may be a first one.
    const unmarked = repeated.filter((attempts) => attempts.filter((attempt) => attempt === 1).length > 1);
    expect(unmarked).toEqual([]);
    const slowest = Math.max(...handOvers);
    console.log(
      `${inject('engine')}: ${String(COUNT)} items, ${String(closings)} tabs closed (seed ${String(seed)}), 0 lost, ` +
        `${String(repeated.length)} delivered again and marked; others went on after ${slowest.toFixed(0)} ms at the most`,
    );
    expect(slowest).toBeLessThan(6000);
  });
});

/** Resolves when so many more items have been settled. */
function amount(tabs: Tabs, count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    const off = tabs.on((said) => {
      if (said.kind !== 'settled' || (seen += said.items.length) < count) return;
      off();
      resolve();
    });
  });
}
