import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

/** How a worker dies. `wait` and `spin` leave it to its host. */
export type Way = 'close' | 'vanish' | 'throw' | 'unhandled' | 'reject' | 'wait' | 'spin';

export interface MortalArgs {
  readonly way: Way;
  /** Puts so many, and flushes, before it dies. */
  readonly out?: ProducerEndpoint<number>;
  readonly flushed?: number;
  /** Puts so many more without. */
  readonly more?: number;
  /** Takes so many and settles them, and then so many that it has in hand when it dies. */
  readonly source?: ConsumerEndpoint<number>;
  readonly ack?: number;
  readonly hold?: number;
  /** Hears when it is about to die. */
  readonly ready?: ProducerEndpoint<string>;
}

/** Puts, takes, and dies. */
export default async function mortal({
  way,
  out,
  flushed = 0,
  more = 0,
  source,
  ack = 0,
  hold = 0,
  ready,
}: MortalArgs): Promise<void> {
  for (let n = 0; n < flushed; n++) await out?.put(n);
  await out?.flush();
  const deliveries = source?.deliveries();
  for (let n = 0; n < ack + hold; n++) {
    const step = await deliveries?.next();
    if (n < ack) step?.value?.ack();
  }
  await source?.flush();
  await ready?.put('ready');
  await ready?.flush();
  for (let n = flushed; n < flushed + more; n++) void out?.put(n);
  const never = new Promise<never>(() => undefined);
  switch (way) {
    case 'close':
      self.close();
      return never;
    case 'vanish':
      (self as unknown as { vanish(): void }).vanish();
      return never;
    case 'throw':
      setTimeout(() => {
        throw Object.assign(new RangeError('thrown in a timer'), {
          code: 'E_THROWN',
          place: { at: 7 },
        });
      });
      return never;
    case 'unhandled':
      void Promise.reject(Object.assign(new RangeError('rejected unseen'), { code: 'E_UNSEEN' }));
      return never;
    case 'reject':
      throw Object.assign(new RangeError('rejected', { cause: new SyntaxError('below') }), {
        code: 'E_REJECTED',
      });
    case 'wait':
      return never;
    case 'spin':
      for (;;);
  }
}
