import { setTimeout as pause } from 'node:timers/promises';

import type { ConsumerEndpoint } from '@millrace/core';

import type { Item } from './item.js';
import { Ledger } from './ledger.js';

export interface ConsumerArgs {
  readonly source: ConsumerEndpoint<Item>;
  readonly ledger: SharedArrayBuffer;
  /** How long it works on each item. */
  readonly workMs: number;
}

/** Works on items until the queue ends, and says how many those were. */
export default async function consume(args: ConsumerArgs) {
  const { source, workMs } = args;
  const ledger = Ledger.open(args.ledger);
  let worked = 0;
  for await (const delivery of source.deliveries()) {
    const { id } = delivery.value;
    ledger.begin(id, delivery.redelivered);
    if (workMs > 0) await pause(workMs);
    ledger.finish(id);
    delivery.ack();
    worked++;
  }
  return worked;
}
