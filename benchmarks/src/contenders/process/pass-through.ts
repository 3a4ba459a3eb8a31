import { PassThrough } from 'node:stream';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY } from '../sizes.js';

export const passThrough: Contender = {
  name: 'pass-through',
  share: 0.5,
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const stream = new PassThrough({ objectMode: true, highWaterMark: CAPACITY });
    const put = (item: T): Promise<void> | undefined =>
      stream.write(item) ? undefined : new Promise((resolve) => stream.once('drain', resolve));
    const consuming = (async () => {
      for await (const item of stream) tally.see(item as T);
    })();
    for (let i = 0; i < items + warm; i++) await put(payload.make(i));
    stream.end();
    await consuming;
    return tally.rate();
  },
};
