import type { ConsumerEndpoint } from '@millrace/core';

/** Collects all items of a queue, and counts the objects in them, each as often as its identity is new. */
export default async function identities({
  source,
}: {
  readonly source: ConsumerEndpoint<unknown>;
}): Promise<number> {
  const kept: unknown[] = [];
  for await (const item of source) kept.push(item);
  const found = new Set<object>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || found.has(value)) return;
    found.add(value);
    for (const field of Object.values(value)) look(field);
    if (ArrayBuffer.isView(value)) found.add(value.buffer);
  };
  kept.forEach(look);
  return found.size;
}
