import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

interface Args {
  readonly orders: ConsumerEndpoint<{ soup: string }>;
  readonly served: ProducerEndpoint<string>;
}

export default async function customer({ orders, served }: Args): Promise<void> {
  for await (const { soup } of orders) await served.put(soup);
}
