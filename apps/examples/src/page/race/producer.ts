import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

import { nextTurn } from '../../shared/pause.js';
import { type Item, now } from '../line/item.js';

/** After so many items, its messages have their turn. */
const TURN = 4096;

/** Puts items one by one, as fast as the queue takes them. */
export default async function produce(
  { out }: { readonly out: ProducerEndpoint<Item> },
  { signal }: WorkerContext,
) {
  for (let n = 0; !signal.aborted; n++) {
    await out.put({ maker: 0, n, at: now() });
    if (n % TURN === 0) await nextTurn();
  }
}
