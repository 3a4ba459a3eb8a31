import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';

/**
 * No queue at all: the `await` that a put takes, and a `for await` over a source that always has the next item. Whatever is
 * between the two comes on top, so that nothing which is used this way can be faster.
 */
export const noQueue: Contender = {
  name: 'no-queue',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const total = items + warm;
    let next = 0;
    const source: AsyncIterableIterator<T, undefined> = {
      [Symbol.asyncIterator]: () => source,
      next: () =>
        next === total
          ? Promise.resolve({ done: true, value: undefined })
          : Promise.resolve({ done: false, value: payload.make(next++) }),
    };
    const consuming = (async () => {
      for await (const item of source) tally.see(item);
    })();
    // eslint-disable-next-line @typescript-eslint/await-thenable -- as whoever awaits each put does
    for (let i = 0; i < total; i++) await undefined;
    await consuming;
    return tally.rate();
  },
};
