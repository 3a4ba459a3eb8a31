import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

interface EchoArgs {
  readonly input: ConsumerEndpoint<unknown>;
  readonly out: ProducerEndpoint<unknown>;
}

/** Puts back what it takes. */
export default async function echo({ input, out }: EchoArgs): Promise<void> {
  for await (const item of input) await out.put(item);
}
