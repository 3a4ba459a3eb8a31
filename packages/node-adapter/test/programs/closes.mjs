// The transport is closed in the middle of the work: whatever waits here hears of it, and no thread stays.
import { defineWorker, IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { codeOf, end } from './end.mjs';

const produce = defineWorker(
  () => import('./workers/produce.mjs'),
  new URL('./workers/produce.mjs', import.meta.url),
);
const consume = defineWorker(
  () => import('./workers/consume.mjs'),
  new URL('./workers/consume.mjs', import.meta.url),
);

const transport = workerThreads();
const busy = new IterableQueue({ transport, capacity: 10 });
const full = new IterableQueue({ transport, capacity: 1 });
const empty = new IterableQueue({ transport });
const workers = [
  transport.start(produce, { out: busy.producer(), items: 1e9 }),
  transport.start(consume, { source: busy.consumer() }),
  transport.start(produce, { out: full.producer(), items: 2 }),
  transport.start(consume, { source: empty.consumer() }),
];
const consumer = busy.consumer();
let taken = 0;
for await (const item of consumer.take(100)) taken += item >= 0 ? 1 : 0;
const own = full.producer();
const waits = [
  codeOf(own.putMany([1, 2, 3])),
  codeOf(empty.consumer().get()),
  codeOf(empty.consumer().items().next()),
  codeOf(empty.consumer().takeMany(3)),
  codeOf(full.join()),
  codeOf(empty.ended()),
];
await Promise.all([transport.close(), transport.close()]);
const exits = await Promise.all(workers.map((worker) => codeOf(worker.result())));
await end({ taken, waits: await Promise.all(waits), exits, health: transport.health() });
