// Takes one item, blocks its event loop for a while with it in hand once it is told to, and is done with it.

import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

import { IterableQueue } from '@millrace/core';
import { redis } from '@millrace/redis-adapter';

const { url, name, lease, blocked } = workerData;
const transport = redis({ url, lease, connectTimeout: 30_000 });
const queue = new IterableQueue({ transport, name });
const consumer = queue.consumer();
const { value: delivery } = await consumer.deliveries().next();
await queue.stats();
await once(parentPort, 'message');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blocked);
delivery.ack();
await consumer.close();
await transport.close();
