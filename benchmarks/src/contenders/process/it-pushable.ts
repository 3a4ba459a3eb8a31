import { pushable } from 'it-pushable';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY } from '../sizes.js';

/** Has no bound of its own: its producer asks for the length, and waits until it is empty. */
export const itPushable: Contender = {
  name: 'it-pushable',
  share: 0.5,
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const source = pushable<T>({ objectMode: true });
    const put = (item: T): Promise<void> | undefined => {
      source.push(item);
      return source.readableLength >= CAPACITY ? source.onEmpty() : undefined;
    };
    const consuming = (async () => {
      for await (const item of source) tally.see(item);
    })();
    for (let i = 0; i < items + warm; i++) await put(payload.make(i));
    source.end();
    await consuming;
    return tally.rate();
  },
};
