import { TransformStream } from 'node:stream/web';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY } from '../sizes.js';

export const transformStream: Contender = {
  name: 'transform-stream',
  share: 0.1,
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const { writable, readable } = new TransformStream<T, T>(
      {},
      { highWaterMark: CAPACITY / 2 },
      { highWaterMark: CAPACITY / 2 },
    );
    const consuming = (async () => {
      for await (const item of readable) tally.see(item);
    })();
    const writer = writable.getWriter();
    for (let i = 0; i < items + warm; i++) {
      await writer.ready;
      void writer.write(payload.make(i));
    }
    await writer.close();
    await consuming;
    return tally.rate();
  },
};
