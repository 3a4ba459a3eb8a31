import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY, CHUNK } from '../sizes.js';
import { BareRing } from './ring.js';

export const bareRing: Contender = {
  name: 'bare-ring',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const ring = new BareRing<T>(CAPACITY);
    const consuming = (async () => {
      for await (const item of ring) tally.see(item);
    })();
    for (let i = 0; i < items + warm; i++) await ring.put(payload.make(i));
    ring.close();
    await consuming;
    return tally.rate();
  },
};

export const bareRingChunks: Contender = {
  name: 'bare-ring',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const ring = new BareRing<T>(CAPACITY);
    const consuming = (async () => {
      for (let chunk = await ring.takeMany(CHUNK); chunk.length > 0; chunk = await ring.takeMany(CHUNK))
        for (const item of chunk) tally.see(item);
    })();
    const total = items + warm;
    for (let from = 0; from < total; from += CHUNK) {
      const chunk: T[] = [];
      for (let i = from; i < Math.min(from + CHUNK, total); i++) chunk.push(payload.make(i));
      let put = ring.putSome(chunk, 0);
      while (put < chunk.length) {
        await ring.room();
        put += ring.putSome(chunk, put);
      }
      // As whoever awaits each put of a chunk does.
      // eslint-disable-next-line @typescript-eslint/await-thenable
      await undefined;
    }
    ring.close();
    await consuming;
    return tally.rate();
  },
};
