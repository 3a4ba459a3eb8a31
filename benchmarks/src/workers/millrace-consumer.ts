import type { ConsumerEndpoint } from '@millrace/core';

import { Ledger, type LedgerPage } from '../ledger.js';
import { payloadNamed, type PayloadName } from '../payloads.js';

interface ConsumerArgs {
  readonly input: ConsumerEndpoint<unknown>;
  readonly payload: PayloadName;
  readonly total: number;
  readonly producers: number;
  readonly consumers: number;
  /** Items that are taken at once; 1 for the plain way. */
  readonly chunk: number;
}

/** Takes what comes, until the queue ends. */
export default async function consume({
  input,
  payload,
  total,
  producers,
  consumers,
  chunk,
}: ConsumerArgs): Promise<LedgerPage> {
  const ledger = new Ledger(payloadNamed(payload), total, producers, consumers);
  if (chunk === 1) for await (const item of input) ledger.see(item);
  else
    for await (const batch of input.batches({ max: chunk }))
      for (const item of batch) ledger.see(item);
  return ledger.page();
}
