// Opens one queue in shared memory after the other, and keeps none: the memory of those that are over is the machine's again.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const transport = workerThreads({ channel: 'shared-memory' });
let most = 0;
for (let n = 0; n < 300; n++) {
  const queue = new IterableQueue({ transport, capacity: 1 });
  const [producer, consumer] = [queue.producer(), queue.consumer()];
  await producer.put(n);
  await consumer.get();
  await producer.close();
  await consumer.close();
  await queue[Symbol.asyncDispose]();
  await new Promise(setImmediate);
  if (n % 20 === 0) collect();
  most = Math.max(most, process.memoryUsage.rss());
}
await transport.close();
await end(Math.round(most / 2 ** 20));
