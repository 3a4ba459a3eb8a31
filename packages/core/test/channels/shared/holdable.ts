import { sharedMemoryTarget } from '@millrace/core/testing';
import { onTestFinished } from 'vitest';

/** A fixture whose far ends' messages to the host and from it can be held up, and so can bells. */
export async function holdable() {
  const held: (() => void)[] = [];
  let holds = false;
  let holdsBells = false;
  let onBell = (): void => undefined;
  const fixture = await sharedMemoryTarget().create({
    schedule: (lane, deliver) => {
      // A bell's lane is who listens.
      const isBell = 'look' in lane;
      if (isBell ? holdsBells : holds) held.push(deliver);
      else
        setImmediate(() => {
          deliver();
          if (isBell) onBell();
        });
    },
  });
  onTestFinished(() => fixture.dispose());
  return {
    fixture,
    rested: async () => {
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        fixture.clock?.runDeferred();
      }
    },
    hold: () => {
      holds = true;
    },
    holdBells: () => {
      holdsBells = true;
    },
    /** Answers how many were held up. */
    release: () => {
      holds = false;
      holdsBells = false;
      const late = held.splice(0);
      for (const deliver of late) deliver();
      return late.length;
    },
    /** Calls back once so many bells were heard and so many steps of promises went by after that, or at the end of `during`. */
    at: async ([bells, steps]: Moment, during: () => Promise<void>, call: () => void) => {
      const step = async (): Promise<void> => {
        for (let n = 0; n < steps; n++) await Promise.resolve();
        call();
      };
      let left = bells;
      onBell = () => {
        if (left-- === 0) void step();
      };
      await during();
      if (left >= 0) await step();
    },
  };
}

/** How far something has come: in bells, and in steps of promises. */
export type Moment = readonly [bells: number, steps: number];

export const moments: readonly Moment[] = [0, 1, 2, 3].flatMap((bells) =>
  [...Array(8).keys()].map((steps) => [bells, steps] as const),
);

/** Of a wait that may not be over. */
export const orNothing = (wait: unknown): Promise<unknown> =>
  Promise.race([Promise.resolve(wait), Promise.resolve('nothing')]);

/** What is put to be moved. */
export function moved(n: number): [Uint8Array, { transfer: ArrayBuffer[] }] {
  const bytes = new Uint8Array(8).fill(n);
  return [bytes, { transfer: [bytes.buffer] }];
}
