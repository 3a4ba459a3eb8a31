// Several real tabs, each with an event loop of its own, and one queue.

import { IterableQueue, type QueueEvents } from '@millrace/core';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type {} from '../engines/context.ts';
import { Tabs } from './driver.ts';
import { openTabsAlone } from './opened.ts';
import { RUNS } from './orders.ts';

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

/** Numbers from 0 up to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
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
    const seed = 20261122;
    const random = seeded(seed);
    const COUNT = 10_000;
    const tabs = new Tabs();
    const queue = shared(tabs);
    const settled = new Map<number, number[]>();
    const confirmed = new Map<string, number>();
    tabs.on((said) => {
      if (said.kind === 'settled')
        for (const [item, attempt] of said.items)
          settled.set(item, [...(settled.get(item) ?? []), attempt]);
      if (said.kind === 'confirmed') confirmed.set(said.from, said.upTo);
    });
    const handOvers: number[] = [];
    let runs = 0;
    let putting = 2;
    let allPut!: () => void;
    const over = new Promise<void>((resolve) => (allPut = resolve));
    const ends: Promise<unknown>[] = [];
    // Two that put a half each, and take; one that only takes. Each is closed some times, and another opened in its place.
    const live = async (from: number, to: number, deaths: number): Promise<void> => {
      for (let at = from; ; deaths--) {
        const tab = await tabs.open();
        const all = tabs.hears(tab, 'took-all');
        const done = at < to ? tabs.hears(tab, 'put-all') : over;
        confirmed.set(tab, at);
        tabs.tell(tab, { kind: 'take', queue: 'items' });
        if (at < to) tabs.tell(tab, { kind: 'put', queue: 'items', from: at, to, run: ++runs });
        const dies = deaths > 0 && settles(tabs, Math.floor(random() * 900) + 300).then(() => true);
        if (!(await Promise.race([dies, done.then(() => false)]))) {
          await done;
          if (at < to && --putting === 0) allPut();
          ends.push(all);
          return;
        }
        const lost = next(queue, 'endpoint-lost');
        const before = performance.now();
        tabs.tell(tab, { kind: 'close' });
        await lost;
        handOvers.push(performance.now() - before);
        at = Math.max(at, confirmed.get(tab)!);
      }
    };
    await Promise.all([live(0, COUNT / 2, 3), live(COUNT / 2, COUNT, 3), live(0, 0, 3)]);
    queue.close();
    await Promise.all(ends);
    await queue.ended();

    const arrived = new Set([...settled.keys()].map((item) => Math.floor(item / RUNS)));
    expect(Array.from({ length: COUNT }, (_, n) => n).filter((n) => !arrived.has(n))).toEqual([]);
    const repeated = [...settled.values()].filter((attempts) => attempts.length > 1);
    // One of the deliveries may be a first one.
    const unmarked = repeated.filter(
      (attempts) => attempts.filter((attempt) => attempt === 1).length > 1,
    );
    expect(unmarked).toEqual([]);
    const again = [...settled.values()].flat().filter((attempt) => attempt > 1).length;
    expect(handOvers.length).toBeGreaterThan(3);
    const slowest = Math.max(...handOvers);
    console.log(
      `${inject('engine')}: ${String(COUNT)} items, ${String(handOvers.length)} tabs closed (seed ${String(seed)}), 0 lost, ` +
        `${String(again)} delivered again and marked, ${String(repeated.length)} of them settled twice; others went on after ${slowest.toFixed(0)} ms at the most`,
    );
    expect(slowest).toBeLessThan(6000);
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

/** Resolves when so many more items have been settled. */
function settles(tabs: Tabs, count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    const off = tabs.on((said) => {
      if (said.kind !== 'settled' || (seen += said.items.length) < count) return;
      off();
      resolve();
    });
  });
}
