import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { defineWorker, IterableQueue } from '@millrace/core';

import type { Contender } from '../../contender.js';
import type { Channel } from './channels.js';

const waiter = defineWorker(
  () => import('../../workers/millrace-waiter.js'),
  new URL('../../workers/millrace-waiter.js', import.meta.url),
);

/** How long they wait. */
const IDLE_MS = 2000;
/** What starting the threads has left to do is done by then. */
const SETTLE_MS = 300;

/** The CPU time that this process takes, all its threads together, while nothing happens. */
async function whileIdle(): Promise<number> {
  await setTimeout(SETTLE_MS);
  const before = process.cpuUsage();
  await setTimeout(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}

/** Threads that wait at one queue for an item. Each gets one at last, and the queue ends. */
export const millraceIdle = ({ name, open }: Channel): Contender => ({
  name,
  async run({ items }) {
    const transport = open();
    const queue = new IterableQueue<number>({ transport });
    const out = queue.producer();
    const workers = Array.from({ length: items }, () =>
      transport.start(waiter, { input: queue.consumer() }),
    );
    queue.close();
    await Promise.all(workers.map((worker) => worker.started()));
    const cpu = await whileIdle();
    for (let index = 0; index < items; index++) await out.put(index);
    await out.close();
    const came = (await Promise.all(workers.map((worker) => worker.result()))).flat();
    await transport.close();
    checkAll(came, items);
    return cpu;
  },
});

/** Threads that wait for a message. */
export const rawIdle: Contender = {
  name: 'raw-post-message',
  async run({ items }) {
    const workers = Array.from(
      { length: items },
      () => new Worker(new URL('../../workers/raw-echo.js', import.meta.url)),
    );
    await Promise.all(workers.map((worker) => once(worker, 'online')));
    const cpu = await whileIdle();
    const came = workers.map(async (worker, index) => {
      const answer = once(worker, 'message');
      worker.postMessage(index);
      return ((await answer) as [number])[0];
    });
    checkAll(await Promise.all(came), items);
    await Promise.all(workers.map((worker) => worker.terminate()));
    return cpu;
  },
};

function checkAll(came: readonly number[], items: number): void {
  if (new Set(came).size !== items || came.length !== items)
    throw new Error(`${String(came.length)} items came, and ${String(items)} were put.`);
}
