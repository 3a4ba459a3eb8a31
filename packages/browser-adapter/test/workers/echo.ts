import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface EchoArgs {
  readonly source: ConsumerEndpoint<unknown>;
  readonly out: ProducerEndpoint<unknown>;
}

/** Sends back whatever comes. */
export default async function echo({ source, out }: EchoArgs): Promise<void> {
  for await (const item of source) await out.put(item);
}
