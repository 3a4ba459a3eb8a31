import type { ProducerEndpoint } from '@millrace/core';

/** How a worker dies: `terminate` and `spin` wait, and keep the thread busy, until its host ends it. */
export type Way =
  'exit' | 'throw' | 'unhandled' | 'reject' | 'out-of-memory' | 'terminate' | 'spin';

export interface MortalProducerArgs {
  readonly out: ProducerEndpoint<number>;
  readonly ready: ProducerEndpoint<string>;
  readonly way: Way;
  /** How many items are surely at home before it dies. */
  readonly flushed: number;
  /** How many it puts then, in the turn in which it dies. */
  readonly more: number;
  /** Int32: how many items were accepted, and whether it is about to die. */
  readonly ledger: SharedArrayBuffer;
}

/** Puts items, numbered from 0, and dies. */
export default async function mortalProducer({
  out,
  ready,
  way,
  flushed,
  more,
  ledger,
}: MortalProducerArgs): Promise<void> {
  const cells = new Int32Array(ledger);
  for (let i = 0; i < flushed; i++) {
    await out.put(i);
    Atomics.add(cells, 0, 1);
  }
  await out.flush();
  await ready.put('ready');
  await ready.flush();
  for (let i = flushed; i < flushed + more; i++) {
    if (typeof out.put(i) !== 'string') break;
    Atomics.add(cells, 0, 1);
  }
  Atomics.store(cells, 1, 1);
  Atomics.notify(cells, 1);
  await die(way);
}

// The same in mortal-consumer.ts: Node runs these files as they are, and so they import no other.
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
