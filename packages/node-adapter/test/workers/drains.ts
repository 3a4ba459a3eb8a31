import type { ConsumerEndpoint } from '@millrace/core';

export interface DrainsArgs<T> {
  readonly source: ConsumerEndpoint<T>;
  readonly how: 'items' | 'deliveries' | 'batches' | 'get' | 'takeMany' | 'tryGet';
  readonly max?: number;
}

/** Takes everything there is until the queue ends, in one of the ways there are. */
export default async function drains<T>({ source, how, max = 7 }: DrainsArgs<T>): Promise<T[]> {
  const got: T[] = [];
  switch (how) {
    case 'items':
      for await (const item of source) got.push(item);
      break;
    case 'deliveries':
      for await (const delivery of source.deliveries()) {
        got.push(delivery.value);
        delivery.ack();
      }
      break;
    case 'batches':
      for await (const batch of source.batches({ max })) {
        if (batch.length === 0 || batch.length > max)
          throw new Error(`a batch of ${String(batch.length)}`);
        got.push(...batch);
      }
      break;
    case 'takeMany':
      for (
        let batch = await source.takeMany(max);
        batch.length > 0;
        batch = await source.takeMany(max)
      ) {
        if (batch.length > max) throw new Error(`a batch of ${String(batch.length)}`);
        got.push(...batch);
      }
      break;
    case 'get':
    case 'tryGet':
      try {
        for (;;) {
          const found = how === 'tryGet' ? await source.tryGet() : undefined;
          got.push(found === undefined ? await source.get() : found.value);
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'QUEUE_ENDED') throw error;
      }
  }
  return got;
}
