import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { IterableQueue } from '@millrace/core';

import type { Contender, Load } from '../../contender.js';
import { percentiles } from '../../percentiles.js';
import type { CallLibrary } from './calls/calls.js';
import type { Channel } from './channels.js';
import { producer } from './millrace.js';

/** Starts a thread, and answers its first item and what ends it. */
type Start = (
  payload: Load['payload']['name'],
) => Promise<{ readonly item: unknown; readonly end: () => Promise<unknown> }>;

/** More would tell no more. */
const MOST_STARTS = 10;

/** How long it takes from nothing to the first item of a new thread. */
const startUp = (name: string, start: Start): Contender => ({
  name,
  async run({ payload, items }) {
    const times: number[] = [];
    for (let started = 0; started < Math.min(items, MOST_STARTS); started++) {
      const startedAt = performance.now();
      const { item, end } = await start(payload.name);
      times.push((performance.now() - startedAt) * 1e3);
      await end();
      if ((payload.indexOf as (item: unknown) => number)(item) !== 0)
        throw new Error(`Not the first item: ${String(item)}`);
    }
    return percentiles(times).p50;
  },
});

export const rawStartUp = startUp('raw-post-message', async (payload) => {
  const worker = new Worker(new URL('../../workers/raw-producer.js', import.meta.url), {
    workerData: { payload, items: 1 },
  });
  const exit = once(worker, 'exit');
  const [item] = (await once(worker, 'message')) as [unknown];
  return { item, end: () => exit };
});

export const millraceStartUp = ({ name, open }: Channel): Contender =>
  startUp(name, async (payload) => {
    const transport = open();
    const queue = new IterableQueue<unknown>({ transport });
    const worker = transport.start(producer, {
      out: queue.producer(),
      payload,
      items: 1,
      chunk: 1,
    });
    queue.close();
    const item = await queue.consumer().get();
    return { item, end: () => worker.result().then(() => transport.close()) };
  });

export const libraryStartUp = ({ name, open }: CallLibrary): Contender =>
  startUp(name, async (payload) => {
    const calls = open();
    return { item: await calls.call(payload, 0), end: () => calls.close() };
  });
