import type { ConsumerEndpoint } from '@millrace/core';

import { pause } from '../shared/pause.js';
import { Book } from './book.js';
import type { Item } from './item.js';

export interface ConsumerArgs {
  readonly source: ConsumerEndpoint<Item>;
  /** Where it writes down what it has seen. */
  readonly book: string;
  /** How long it works on each item. */
  readonly workMs: number;
}

/** Works on items until the queue ends, and says how many those were. */
export default async function consume(args: ConsumerArgs) {
  const { source, workMs } = args;
  const book = await Book.open(args.book);
  let worked = 0;
  try {
    for await (const delivery of source.deliveries()) {
      const { id } = delivery.value;
      book.begin(id, delivery.redelivered);
      if (workMs > 0) await pause(workMs);
      book.finish(id);
      delivery.ack();
      worked++;
    }
  } finally {
    book.close();
  }
  return worked;
}
