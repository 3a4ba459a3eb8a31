// A worker dies, in the way that the first argument says. Nobody looks at it, and the rest goes on.
import { defineWorker, IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

const die = defineWorker(
  () => import('./workers/die.mjs'),
  new URL('./workers/die.mjs', import.meta.url),
);
const consume = defineWorker(
  () => import('./workers/consume.mjs'),
  new URL('./workers/consume.mjs', import.meta.url),
);

const transport = workerThreads({ resourceLimits: { maxOldGenerationSizeMb: 24 } });
const queue = new IterableQueue({ transport });
const back = new IterableQueue({ transport });
const producer = queue.producer();
queue.close();
await producer.putMany([1, 2, 3]);
await producer.close();
transport.start(die, { source: queue.consumer(), out: back.producer(), way: process.argv[2] });
const answer = back.consumer();
back.close();
const answers = [];
for await (const item of answer) answers.push(item);
const counting = transport.start(consume, { source: queue.consumer() });
await queue.ended();
await counting.exit;
await end([answers, await counting.result()]);
