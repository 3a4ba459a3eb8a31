import type { ConsumerEndpoint } from '@millrace/core';

/** Takes the item 'root', puts what follows from it, settles it, and exits in the turn of the last answer. */
export default async function follows({
  source,
}: {
  readonly source: ConsumerEndpoint<string>;
}): Promise<void> {
  for await (const delivery of source.deliveries()) {
    if (delivery.value === 'root') {
      await Promise.all(['first', 'second', 'third'].map(async (next) => await delivery.put(next)));
      delivery.ack();
      // Sends the ack now: whatever is sent before the exit arrives.
      void source.flush();
      process.exit(3);
    }
    delivery.ack();
  }
}
