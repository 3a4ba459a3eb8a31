import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface GivesUpArgs {
  /** Of an empty queue. */
  readonly source: ConsumerEndpoint<string>;
  /** Of a queue that is full. */
  readonly out: ProducerEndpoint<string>;
  /** Hears when everything waits. */
  readonly ready: ProducerEndpoint<string>;
}

/** Starts all kinds of waits, and gives each up. Answers how each ended. */
export default async function givesUp({
  source,
  out,
  ready,
}: GivesUpArgs): Promise<Record<string, unknown>> {
  const controller = new AbortController();
  const { signal } = controller;
  const waits: Record<string, Promise<unknown>> = {
    put: codeOf(async () => await out.put('aborted', { signal })),
    putMany: codeOf(async () => await out.putMany(['aborted', 'too'], { signal })),
    get: codeOf(() => source.get({ signal })),
    takeMany: codeOf(() => source.takeMany(2, { signal })),
    items: codeOf(() => source.items({ signal }).next()),
    deliveries: codeOf(() => source.deliveries({ signal }).next()),
    batches: codeOf(() => source.batches({ signal, within: 5 }).next()),
    'put in time': codeOf(async () => await out.put('late', { timeout: 5 })),
    'get in time': codeOf(() => source.get({ timeout: 5 })),
    'items in time': codeOf(() => source.items({ timeout: 5 }).next()),
  };
  await ready.put('ready');
  await ready.flush();
  controller.abort(new Error('enough'));
  const ends = Object.entries(waits).map(async ([name, wait]) => [name, await wait]);
  return Object.fromEntries(await Promise.all(ends)) as Record<string, unknown>;
}

async function codeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    const { code, cause } = error as Error & { code?: unknown };
    return cause instanceof Error ? `${String(code)}: ${cause.message}` : code;
  }
}
