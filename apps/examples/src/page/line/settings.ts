import type { Overflow } from '@millrace/core';

import type { ChannelName } from './channel.js';

/** What the knobs say. */
export interface Settings {
  readonly producers: number;
  /** Items a second, of each. */
  readonly making: number;
  readonly consumers: number;
  readonly working: number;
  /** How many items a consumer takes at a time. */
  readonly batch: number;
  readonly capacity: number;
  readonly overflow: Overflow;
  /** What items travel by. */
  readonly channel: ChannelName;
}

/** Settings to begin with, by their names on the page: whatever the channel. */
export const scenes = {
  steady: {
    producers: 3,
    making: 2,
    consumers: 4,
    working: 2,
    batch: 1,
    capacity: 16,
    overflow: 'wait',
  },
  pressure: {
    producers: 4,
    making: 5,
    consumers: 2,
    working: 2,
    batch: 2,
    capacity: 24,
    overflow: 'wait',
  },
  lossy: {
    producers: 3,
    making: 10,
    consumers: 1,
    working: 5,
    batch: 1,
    capacity: 8,
    overflow: 'drop-oldest',
  },
  flood: {
    producers: 4,
    making: 15_000,
    consumers: 3,
    working: 50_000,
    batch: 256,
    capacity: 4096,
    overflow: 'wait',
  },
} as const satisfies Record<string, Omit<Settings, 'channel'>>;

export type Scene = keyof typeof scenes;

/** What each slider can be set to. */
export const steps = {
  producers: [1, 2, 3, 4, 5, 6, 7, 8],
  making: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 15_000],
  consumers: [1, 2, 3, 4, 5, 6, 7, 8],
  working: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000],
  batch: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  capacity: [1, 2, 4, 8, 16, 24, 32, 64, 128, 256, 512, 1024, 4096],
} as const satisfies Record<string, readonly number[]>;

export type Knob = keyof typeof steps;
