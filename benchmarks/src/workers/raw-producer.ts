import { parentPort, workerData } from 'node:worker_threads';

import { payloadNamed, type PayloadName } from '../payloads.js';

const { payload, items } = workerData as { payload: PayloadName; items: number };
const made = payloadNamed(payload);

// As fast as it can: nothing holds it back, and all that the host has not taken lies in memory.
for (let i = 0; i < items; i++) parentPort?.postMessage(made.make(i));
