import type { ProducerEndpoint } from '@millrace/core';

import { payloadNamed, type PayloadName } from '../payloads.js';

interface ProducerArgs {
  readonly out: ProducerEndpoint<unknown>;
  readonly payload: PayloadName;
  readonly items: number;
  /** Items that are put at once; 1 for the plain way. */
  readonly chunk: number;
}

/** Puts so many items, one by one or in chunks, awaiting each put. */
export default async function produce({ out, payload, items, chunk }: ProducerArgs): Promise<void> {
  const made = payloadNamed(payload);
  if (chunk === 1) for (let i = 0; i < items; i++) await out.put(made.make(i));
  else
    for (let from = 0; from < items; from += chunk)
      await out.putMany(Array.from({ length: Math.min(chunk, items - from) }, (_, i) => made.make(from + i)));
  await out.close();
}
