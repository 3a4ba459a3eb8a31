import type { ConsumerEndpoint, WorkerContext } from '@millrace/core';

import type { Item } from '../line/item.js';

/** Takes items one by one, as fast as they come, and does nothing with them. */
export default async function consume(
  { source }: { readonly source: ConsumerEndpoint<Item> },
  { signal }: WorkerContext,
) {
  const items = source[Symbol.asyncIterator]();
  while (!signal.aborted) if ((await items.next()).done === true) return;
}
