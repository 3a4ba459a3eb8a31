import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface RelayArgs {
  /** Without one it counts, for ever. */
  readonly source?: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<number>;
  /** Takes how long, in ms, this worker has stood still at the most. */
  readonly pauses?: ProducerEndpoint<number>;
}

/** Passes on what comes, one by one. */
export default async function relay({ source, out, pauses }: RelayArgs): Promise<void> {
  let last = performance.now();
  const watch = (): void => {
    const now = performance.now();
    if (now - last > 1000) void pauses?.put(now - last);
    last = now;
    setTimeout(watch, 20);
  };
  watch();
  if (source === undefined) for (let n = 1; ; n++) await out.put(n);
  for await (const item of source) await out.put(item);
}
