import { parentPort, workerData } from 'node:worker_threads';

import { payloadNamed, type PayloadName } from '../payloads.js';

interface RawProducerData {
  readonly payload: PayloadName;
  readonly items: number;
  readonly first?: number;
  readonly step?: number;
}

const { payload, items, first = 0, step = 1 } = workerData as RawProducerData;
const made = payloadNamed(payload);

// As fast as it can: nothing holds it back, and all that the host has not taken lies in memory.
for (let index = first; index < items; index += step) parentPort?.postMessage(made.make(index));
