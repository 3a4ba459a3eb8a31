import { Effect, Fiber, Queue } from 'effect';

import type { Contender, Load } from '../../contender.js';
import { Tally } from '../../tally.js';
import { CAPACITY } from '../sizes.js';

export const effectQueue: Contender = {
  name: 'effect-queue',
  share: 0.5,
  async run<T>({ payload, items, warm }: Load<T>) {
    const tally = new Tally(payload, items, warm);
    const total = items + warm;
    await Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<T>(CAPACITY);
        const consuming = yield* Effect.forkChild(
          Effect.gen(function* () {
            for (let i = 0; i < total; i++) tally.see(yield* Queue.take(queue));
          }),
        );
        for (let i = 0; i < total; i++) yield* Queue.offer(queue, payload.make(i));
        yield* Fiber.join(consuming);
      }),
    );
    return tally.rate();
  },
};
