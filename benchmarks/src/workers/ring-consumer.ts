import { parentPort, workerData } from 'node:worker_threads';

import { RingBuffer } from 'ringbuf.js';

import type { RingData } from '../contenders/threads/between/ringbuf.js';
import { Ledger } from '../ledger.js';
import { payloadNamed } from '../payloads.js';

const { storage, total, chunk } = workerData as RingData;
const buffer = new RingBuffer(storage, Float64Array);
const ledger = new Ledger(payloadNamed('small'), total, 1, 1);
const items = new Float64Array(chunk);

for (let count = 0; count < total;) {
  const length = buffer.pop(items, chunk);
  for (let i = 0; i < length; i++) ledger.see(items[i]);
  count += length;
}
parentPort?.postMessage(ledger.page());
