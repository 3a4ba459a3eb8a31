import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

import type { Way } from './mortal-producer.js';

export interface MortalConsumerArgs {
  readonly source: ConsumerEndpoint<number>;
  /** Hears when the worker is about to die. */
  readonly ready: ProducerEndpoint<string>;
  readonly way: Way;
  readonly ack: number;
  /** How many it begins and does not settle. */
  readonly hold: number;
  /** Whether the acks are surely at home before it dies. */
  readonly flush: boolean;
}

/** Takes items, settles some of them, and dies. */
export default async function mortalConsumer({
  source,
  ready,
  way,
  ack,
  hold,
  flush,
}: MortalConsumerArgs): Promise<void> {
  const deliveries = source.deliveries();
  await ready.put('alive');
  await ready.flush();
  for (let i = 0; i < ack + hold; i++) {
    const { value } = await deliveries.next();
    if (i < ack) value?.ack();
  }
  if (flush) {
    await source.flush();
    await ready.put('ready');
    await ready.flush();
  }
  await die(way);
}

// The same in mortal-producer.ts: Node runs these files as they are, and so they import no other.
function die(way: Way): Promise<never> {
  const never = new Promise<never>(() => undefined);
  switch (way) {
    case 'exit':
      return process.exit(3);
    case 'throw':
      setTimeout(() => {
        throw Object.assign(new RangeError('thrown in a timer'), {
          code: 'E_THROWN',
          place: { at: 7 },
        });
      }, 0);
      return never;
    case 'unhandled':
      void Promise.reject(Object.assign(new RangeError('rejected unseen'), { code: 'E_UNSEEN' }));
      return never;
    case 'reject':
      return Promise.reject(
        Object.assign(new RangeError('rejected', { cause: new SyntaxError('below') }), {
          code: 'E_REJECTED',
          place: { at: 7 },
        }),
      );
    case 'out-of-memory': {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(1000).fill(kept.length));
    }
    case 'terminate':
      return never;
    case 'spin':
      for (;;);
  }
}
