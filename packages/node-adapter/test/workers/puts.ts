import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

export interface PutsArgs {
  readonly out: ProducerEndpoint<number>;
  readonly from: number;
  readonly count: number;
  /** Whether it then waits to be stopped. */
  readonly wait?: boolean;
}

/** Puts whole numbers. */
export default async function puts(
  { out, from, count, wait = false }: PutsArgs,
  { signal }: WorkerContext,
): Promise<number> {
  for (let n = from; n < from + count; n++) await out.put(n);
  await out.flush();
  if (wait && !signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return count;
}
