// Opens what there is, waits for what never comes, and closes nothing: none of it holds the process.
import { IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

const transport = workerThreads();
const queue = new IterableQueue({ transport, capacity: 1 });
const producer = queue.producer();
queue.producerSlot();
await producer.put(1);
void producer.put(2);
const consumer = queue.consumer();
await consumer.get();
await consumer.get();
void consumer.get();
void queue.ended();
void queue.consumer().items().next();
await end('nothing waits for me');
