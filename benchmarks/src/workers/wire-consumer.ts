import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import { Ledger } from '../ledger.js';
import { payloadNamed, type PayloadName } from '../payloads.js';

export interface ConsumerData {
  readonly payload: PayloadName;
  readonly total: number;
  readonly producers: number;
  readonly consumers: number;
  /** Whether its producers wait to hear how many it has taken. */
  readonly answers: boolean;
  readonly ports: readonly MessagePort[];
}

const { payload, total, producers, consumers, answers, ports } = workerData as ConsumerData;
const ledger = new Ledger(payloadNamed(payload), total, producers, consumers);
let open = ports.length;

for (const port of ports)
  port.on('message', (message: unknown) => {
    if (message === null) {
      port.close();
      if (--open === 0) parentPort?.postMessage(ledger.page());
      return;
    }
    const items: readonly unknown[] = Array.isArray(message) ? message : [message];
    for (const item of items) ledger.see(item);
    if (answers) port.postMessage(items.length);
  });
