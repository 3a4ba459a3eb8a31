import type { ConsumerEndpoint } from '@millrace/core';

/** Counts the items until the queue ends. */
export default async function count({
  source,
}: {
  readonly source: ConsumerEndpoint<unknown>;
}): Promise<number> {
  let items = 0;
  for await (const _ of source) items++;
  return items;
}
