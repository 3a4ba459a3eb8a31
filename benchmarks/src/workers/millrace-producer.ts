import type { ProducerEndpoint } from '@millrace/core';

import { payloadNamed, type PayloadName } from '../payloads.js';

interface ProducerArgs {
  readonly out: ProducerEndpoint<unknown>;
  readonly payload: PayloadName;
  readonly items: number;
  /** Of several producers, each puts every so-manieth item, from its first one. Default: it puts all. */
  readonly first?: number;
  readonly step?: number;
  /** Items that are put at once; 1 for the plain way. */
  readonly chunk: number;
}

/** Puts so many items, one by one or in chunks, awaiting each put. */
export default async function produce({ out, payload, items, first = 0, step = 1, chunk }: ProducerArgs): Promise<void> {
  const made = payloadNamed(payload);
  if (chunk === 1) for (let index = first; index < items; index += step) await out.put(made.make(index));
  else
    for (let from = first; from < items; from += chunk * step) {
      const length = Math.min(chunk, Math.ceil((items - from) / step));
      const values = new Array<unknown>(length);
      for (let i = 0; i < length; i++) values[i] = made.make(from + i * step);
      await out.putMany(values);
    }
  await out.close();
}
