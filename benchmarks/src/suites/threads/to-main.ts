import type { Contender, Scenario } from '../../contender.js';
import { ringToMain } from '../../contenders/threads/between/ringbuf.js';
import { fetching } from '../../contenders/threads/calls/calls.js';
import { channels } from '../../contenders/threads/channels.js';
import { millraceFromMany, rawFromMany } from '../../contenders/threads/many-producers.js';
import { millrace } from '../../contenders/threads/millrace.js';
import { rawPostMessage } from '../../contenders/threads/raw.js';
import { CHUNK } from '../../contenders/sizes.js';
import { libraries } from './libraries.js';

// Each run starts a new thread, whose code is compiled while it runs: the warm-up is long enough for that to be over.
const small = { items: 1_500_000, warm: 200_000 };
const medium = { items: 500_000, warm: 100_000 };
const large = { items: 8_000, warm: 1_000 };

/** Calls carry small items so much slower than blocks do, and large ones nearly as fast: the parts that make runs of about one length. */
const CALLS = { small: 0.012, medium: 0.03, large: 0.2 };

const plain = (calls: number): Contender[] => [
  rawPostMessage,
  ...channels.map((channel) => millrace(channel)),
  ...libraries.map((library) => fetching(library, calls)),
  ringToMain(1),
];

/** So many workers, and one consumer. */
const producers = (count: number): Scenario => ({
  name: `producers-${String(count)}`,
  unit: 'items/s',
  contenders: [rawFromMany(count), ...channels.map((channel) => millraceFromMany(channel, count))],
  loads: { small: { items: 1_000_000, warm: 200_000 } },
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
    loads: { small, medium },
  },
  ...[1, 4, 16, 64].map(producers),
];
