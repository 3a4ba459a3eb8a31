import type { Scenario } from './run.ts';

/** Two that put, two that take, three items, and room for two. */
export const small: Scenario = {
  capacity: 2,
  producers: [
    { items: [0, 1], wave: 1, lingers: true },
    { items: [16], wave: 1, lingers: true },
  ],
  consumers: [{ ahead: 2 }, { ahead: 2, slow: true }],
};
/** What is fetched ahead is asked back, fails once, and is cleared; some of it is kept by the host. */
export const rich: Scenario = {
  capacity: 4,
  producers: [
    { items: [0, 1, 202], wave: 3 },
    { items: [16, 17], wave: 1, lingers: true, claims: true },
  ],
  consumers: [
    { ahead: 3, slow: true, fails: true },
    { ahead: 1, slow: true },
  ],
  clears: 1,
};

/** One that puts, one that takes. */
export const pair: Scenario = { capacity: 2, producers: [{ items: [0, 1], wave: 2 }], consumers: [{ ahead: 2, slow: true }] };
