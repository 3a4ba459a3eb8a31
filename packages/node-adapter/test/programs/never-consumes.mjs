// Threads wait to put into a queue that nobody consumes from; the host gives the queue up, or the transport.
import { defineWorker, IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { codeOf, end } from './end.mjs';

const produce = defineWorker(
  () => import('./workers/produce.mjs'),
  new URL('./workers/produce.mjs', import.meta.url),
);

const transport = workerThreads();
const queue = new IterableQueue({ transport, capacity: 5 });
const workers = [1, 2].map(() => transport.start(produce, { out: queue.producer(), items: 100 }));
queue.close();
await Promise.all(workers.map((worker) => worker.started()));
if (process.argv[2] === 'queue')
  await queue[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
else await transport.close();
await end(await Promise.all(workers.map((worker) => codeOf(worker.result()))));
