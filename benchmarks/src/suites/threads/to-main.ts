import type { Contender, Scenario } from '../../contender.js';
import { ringToMain } from '../../contenders/threads/between/ringbuf.js';
import { fetching } from '../../contenders/threads/calls/calls.js';
import { channels } from '../../contenders/threads/channels.js';
import { millraceFromMany, rawFromMany } from '../../contenders/threads/many-producers.js';
import { millrace } from '../../contenders/threads/millrace.js';
import { rawPostMessage } from '../../contenders/threads/raw.js';
import { CHUNK } from '../../contenders/sizes.js';
import { libraries } from './libraries.js';

// Each run starts a new thread, whose code is compiled while it runs: a third of a second is about what that takes, and then a second
// is measured. That is why what is slower moves a part of the items only.
const small = { items: 5_000_000, warm: 1_500_000 };
const medium = { items: 2_500_000, warm: 750_000 };
const large = { items: 40_000, warm: 10_000 };
const smallInChunks = { items: 8_000_000, warm: 2_500_000 };
const mediumInChunks = { items: 4_000_000, warm: 1_250_000 };

/** Calls carry small items so much slower than blocks do, and large ones nearly as fast: the parts that make runs of about one length. */
const CALLS = { small: 0.014, medium: 0.025, large: 0.4 };

const plain = (calls: number): Contender[] => [
  rawPostMessage,
  ...channels.map((channel) => millrace(channel)),
  ...libraries.map((library) => fetching(library, calls)),
  ringToMain(1),
];

/** So many workers, and one consumer. */
const producers = (count: number, items: number): Scenario => ({
  name: `producers-${String(count)}`,
  unit: 'items/s',
  // What would be warmer after one more run is little where there are many of them, and starting them takes long.
  warmUp: count < 16,
  contenders: [rawFromMany(count), ...channels.map((channel) => millraceFromMany(channel, count))],
  loads: { small: { items, warm: items / 4 } },
});

/** From workers to the main thread. */
export const toMain: readonly Scenario[] = [
  { name: 'plain', unit: 'items/s', contenders: plain(CALLS.small), loads: { small } },
  { name: 'plain', unit: 'items/s', contenders: plain(CALLS.medium), loads: { medium } },
  { name: 'plain', unit: 'items/s', contenders: plain(CALLS.large), loads: { large } },
  {
    name: 'chunks',
    unit: 'items/s',
    contenders: [
      rawPostMessage,
      ...channels.map((channel) => millrace(channel, CHUNK)),
      ringToMain(CHUNK),
    ],
    loads: { small: smallInChunks, medium: mediumInChunks },
  },
  producers(1, 4_000_000),
  producers(4, 2_000_000),
  producers(16, 800_000),
  producers(64, 320_000),
];
