import { EventIterator } from 'event-iterator';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY } from '../sizes.js';

/** Pushes at once; its events say when to stop and when to go on. */
export const eventIterator: Contender = {
  name: 'event-iterator',
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    let push!: (item: T) => void;
    let stop!: () => void;
    let full: Promise<void> | undefined;
    let drained: (() => void) | undefined;
    const source = new EventIterator<T>(
      (queue) => {
        push = (item) => {
          queue.push(item);
        };
        stop = () => {
          queue.stop();
        };
        queue.on('highWater', () => {
          full = new Promise((resolve) => (drained = resolve));
        });
        queue.on('lowWater', () => {
          full = undefined;
          drained?.();
        });
      },
      { highWaterMark: CAPACITY, lowWaterMark: CAPACITY / 2 },
    );
    const put = (item: T): Promise<void> | undefined => {
      push(item);
      return full;
    };
    const consuming = (async () => {
      for await (const item of source) tally.see(item);
    })();
    for (let i = 0; i < items + warm; i++) await put(payload.make(i));
    stop();
    await consuming;
    return tally.rate();
  },
};
