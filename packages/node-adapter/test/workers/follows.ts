import type { ConsumerEndpoint } from '@millrace/core';

/** Takes the item 'root', puts what follows from it, settles it, and exits in the turn of its last put. */
export default async function follows({
  source,
}: {
  readonly source: ConsumerEndpoint<string>;
}): Promise<void> {
  for await (const delivery of source.deliveries()) {
    if (delivery.value === 'root') {
      await delivery.put('first');
      await delivery.put('second');
      delivery.ack();
      // Sends the ack now: whatever is sent before the exit arrives.
      void source.flush();
      process.exit(3);
    }
    delivery.ack();
  }
}
