import { IterableQueue } from '@millrace/core';
import { type FarConsumer, sharedMemoryTarget } from '@millrace/core/testing';
import { expect, onTestFinished, test } from 'vitest';

/** A queue whose far ends' messages can be held up, while bells are heard; `onBell` is called right behind each of them. */
async function holdable() {
  const held: (() => void)[] = [];
  const state = { holds: false, onBell: (): void => undefined };
  const fixture = await sharedMemoryTarget().create({
    schedule: (lane, deliver) => {
      // A bell's lane is who listens.
      const isBell = 'look' in lane;
      if (state.holds && !isBell) held.push(deliver);
      else
        setImmediate(() => {
          deliver();
          if (isBell) state.onBell();
        });
    },
  });
  onTestFinished(() => fixture.dispose());
  return {
    fixture,
    state,
    rested: async () => {
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        fixture.clock?.runDeferred();
      }
    },
    release: () => {
      state.holds = false;
      for (const deliver of held.splice(0)) deliver();
    },
  };
}

const moved = (n: number): [Uint8Array, { transfer: ArrayBuffer[] }] => {
  const bytes = new Uint8Array(8).fill(n);
  return [bytes, { transfer: [bytes.buffer] }];
};

const orNothing = (taken: unknown): Promise<unknown> =>
  Promise.race([Promise.resolve(taken), Promise.resolve('nothing')]);

test('moved values on their way to a consumer that is handed on are whole for whoever takes them', async () => {
  const { fixture, state, rested, release } = await holdable();
  const queue = new IterableQueue<unknown>({ transport: fixture.transport });
  const opened = fixture.consumer(queue);
  await rested();
  const far = await opened;
  const producer = queue.producer();
  const abort = new AbortController();
  const get = far.get({ signal: abort.signal }).catch(() => 'aborted');
  await rested();
  state.holds = true;
  const puts = [producer.put(...moved(0)), producer.put('copied'), producer.put(...moved(2))];
  await rested();
  abort.abort();
  expect(await get).toBe('aborted');
  const moving = fixture.moveConsumer!(far as ReturnType<typeof queue.consumer>);
  release();
  await rested();
  await Promise.all(puts.map((put) => Promise.resolve(put)));
  const there = await moving;
  const taken = Promise.all([there.get(), there.get(), there.get()]);
  await rested();
  expect(await orNothing(taken)).toEqual([
    new Uint8Array(8).fill(0),
    'copied',
    new Uint8Array(8).fill(2),
  ]);
  expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, dropped: 0, put: 3, taken: 3 });
});

// How far the value has come by then, in bells and in steps of promises.
const moments = [0, 1, 2, 3].flatMap((bells) =>
  [...Array(8).keys()].map((steps) => [bells, steps] as const),
);

test.for(moments)(
  'a moved value on its way to a consumer that leaves its home is whole for whoever takes it (%i bells, %i steps)',
  async ([bells, steps]) => {
    const { fixture, state, rested } = await holdable();
    const queue = new IterableQueue<unknown>({ transport: fixture.transport });
    const here = queue.consumer();
    const producer = queue.producer();
    const abort = new AbortController();
    const get = here.get({ signal: abort.signal }).catch(() => 'aborted');
    await rested();
    let moving: Promise<FarConsumer> | undefined;
    const leave = async (): Promise<void> => {
      for (let n = 0; n < steps; n++) await Promise.resolve();
      abort.abort();
      moving = fixture.moveConsumer!(here);
    };
    let left = bells;
    state.onBell = () => {
      if (left-- === 0) void leave();
    };
    const put = producer.put(...moved(1));
    await rested();
    if (left >= 0) await leave();
    await rested();
    await put;
    const got = await get;
    const taken = got === 'aborted' ? (await moving!).get() : got;
    await rested();
    expect(await orNothing(taken)).toEqual(new Uint8Array(8).fill(1));
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, dropped: 0 });
  },
);
