// Threads put and take all there is. Nothing is closed but the queue.
import { defineWorker, IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

const produce = defineWorker(
  () => import('./workers/produce.mjs'),
  new URL('./workers/produce.mjs', import.meta.url),
);
const consume = defineWorker(
  () => import('./workers/consume.mjs'),
  new URL('./workers/consume.mjs', import.meta.url),
);

const transport = workerThreads();
const queue = new IterableQueue({ transport, capacity: 100 });
const workers = [
  transport.start(produce, { out: queue.producer(), items: 1000 }),
  transport.start(produce, { out: queue.producer(), items: 1000 }),
];
const counting = transport.start(consume, { source: queue.consumer() });
queue.close();
const items = [];
for await (const item of queue.consumer()) items.push(item);
for (const worker of workers) await worker.exit;
await end(items.length + (await counting.result()));
