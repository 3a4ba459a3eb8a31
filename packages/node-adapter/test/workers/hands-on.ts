import {
  type ConsumerEndpoint,
  defineWorker,
  type ProducerEndpoint,
  type WorkerHandle,
} from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

export interface Passed {
  readonly value: number;
  readonly attempt: number;
}

export interface HandsOnArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<Passed>;
  /** How many items it passes on itself before another worker does the rest. */
  readonly own: number;
  /** How many more times the endpoints are handed on. */
  readonly depth: number;
}

const self = defineWorker(() => import('./hands-on.js'), new URL(import.meta.url));

/** Passes items on, first by itself, then by a worker of its own. Answers the codes of what must be refused. */
export default async function handsOn({
  source,
  out,
  own,
  depth,
}: HandsOnArgs): Promise<unknown[]> {
  let passed = 0;
  for await (const delivery of source.deliveries()) {
    await out.put({ value: delivery.value, attempt: delivery.attempt });
    delivery.ack();
    if (depth > 0 && ++passed === own) break;
  }
  if (depth === 0) return [];

  const transport = workerThreads();
  const start = (): WorkerHandle<unknown> =>
    transport.start(self, { source, out, own, depth: depth - 1 });
  const refused: unknown[] = [];
  const deliveries = source.deliveries();
  const inHand = (await deliveries.next()).value;
  refused.push(await codeOf(start));
  inHand?.nack();
  await deliveries.return?.call(deliveries);
  const handle = start();
  refused.push(
    await codeOf(() => out.put({ value: -1, attempt: 0 })),
    await codeOf(() => source.get()),
    await codeOf(start),
  );
  refused.push(...((await handle.result()) as unknown[]));
  await transport.close();
  return refused;
}

async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
