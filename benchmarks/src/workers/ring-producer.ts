import { workerData } from 'node:worker_threads';

import { RingBuffer } from 'ringbuf.js';

import type { RingData } from '../contenders/threads/between/ringbuf.js';

const { storage, total, chunk } = workerData as RingData;
const buffer = new RingBuffer(storage, Float64Array);
const items = new Float64Array(chunk);

for (let from = 0; from < total; from += chunk) {
  const length = Math.min(chunk, total - from);
  for (let i = 0; i < length; i++) items[i] = from + i;
  for (let put = 0; put < length;) put += buffer.push(items, length - put, put);
}
