import type { ConsumerEndpoint } from '../../../queues/consumer-endpoint.js';
import type { ProducerContext } from '../../../loops/context.js';

export interface NumbersArgs {
  readonly upTo: number;
  /** At this one it throws. */
  readonly fails?: number | undefined;
  /** At this one it waits for something in its gate. */
  readonly holds?: number | undefined;
  readonly gate?: ConsumerEndpoint<unknown> | undefined;
}

/** Counts, as an async generator; told a number, goes on from there. */
export default async function* numbers(args: NumbersArgs, context: ProducerContext<number, string>) {
  let n = 0;
  context.onMessage(async (from) => {
    n = from;
    await context.flush();
  });
  try {
    while (n < args.upTo) {
      if (n === args.fails) throw new RangeError(`no ${String(n)}`);
      if (n === args.holds) await args.gate?.get();
      yield n++;
    }
  } finally {
    await context.message('finally');
  }
}
