import { setImmediate as nextTurn } from 'node:timers/promises';

import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

import type { Item } from './item.js';
import { Ledger } from './ledger.js';

export interface ProducerArgs {
  readonly out: ProducerEndpoint<Item>;
  readonly ledger: SharedArrayBuffer;
  readonly producer: number;
  /** Its share: the ids from here ... */
  readonly from: number;
  /** ... up to, not including, this one. */
  readonly to: number;
}

/** How many items may be on their way without the queue having confirmed them. */
const CONFIRM_EVERY = 64;

/** Puts its share of the items, or what is left of it, and says how many those were. */
export default async function produce(args: ProducerArgs, { signal }: WorkerContext) {
  const { out, producer, from, to } = args;
  const ledger = Ledger.open(args.ledger);
  const first = ledger.firstNotOffered(from, to);
  let confirmed = first;
  let id = first;
  while (id < to && !signal.aborted) {
    ledger.offer(id);
    await out.put({ id, producer });
    id++;
    if (id - confirmed < CONFIRM_EVERY) continue;
    await out.flush();
    ledger.confirm(confirmed, id);
    confirmed = id;
    // Over memory nothing else here ever leaves the turn, and signals and timers have to get through.
    await nextTurn();
  }
  await out.close();
  ledger.confirm(confirmed, id);
  return id - first;
}
