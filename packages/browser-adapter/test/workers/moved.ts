import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface MovedArgs {
  readonly source: ConsumerEndpoint<unknown>;
  readonly out: ProducerEndpoint<unknown>;
  /** Moved with the arguments. */
  readonly first?: unknown;
}

/** Says what has come, and moves it back. */
export default async function moved({
  source,
  out,
  first,
}: MovedArgs): Promise<string | undefined> {
  for await (const delivery of source.deliveries()) {
    const value = delivery.value as object;
    await out.put({ was: nameOf(value), moved: delivery.moved, value }, { transfer: [value] });
    delivery.ack();
  }
  return first === undefined ? undefined : nameOf(first as object);
}

function nameOf(value: object): string {
  return value.constructor.name;
}
