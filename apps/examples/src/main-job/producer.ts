import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

import { nextTurn } from '../shared/pause.js';
import { Book } from './book.js';
import type { Item } from './item.js';

export interface ProducerArgs {
  readonly out: ProducerEndpoint<Item>;
  /** Where it writes down what it has seen. */
  readonly book: string;
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
  const book = await Book.open(args.book);
  let confirmed = from;
  let id = from;
  try {
    while (id < to && !signal.aborted) {
      book.offer(id);
      await out.put({ id, producer });
      id++;
      if (id - confirmed < CONFIRM_EVERY) continue;
      await out.flush();
      book.confirm(confirmed, id);
      confirmed = id;
      // Over memory nothing else here ever leaves the turn, and signals and timers have to get through.
      await nextTurn();
    }
    await out.close();
    book.confirm(confirmed, id);
  } finally {
    book.close();
  }
  return id - from;
}
