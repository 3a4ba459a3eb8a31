import type { Scenario } from '../../contender.js';
import { channels } from '../../contenders/threads/channels.js';
import { millraceIdle, rawIdle } from '../../contenders/threads/idle.js';
import { memoryOf, queuesOf } from '../../contenders/threads/apart.js';
import { millraceEcho, rawEcho, roundTrip } from '../../contenders/threads/round-trip.js';
import { libraryStartUp, millraceStartUp, rawStartUp } from '../../contenders/threads/start-up.js';
import { libraries } from './libraries.js';

const queueNames = ['raw-message-channel', ...channels.map(({ name }) => name)];

const queues = (count: number): Scenario => ({
  name: `queues-${String(count)}`,
  unit: 'us',
  contenders: queueNames.map(queuesOf),
  warmUp: false,
  loads: { small: { items: count, warm: 0 } },
});

/** What single items, threads and queues cost. */
export const alone: readonly Scenario[] = [
  {
    name: 'round-trip',
    unit: 'us',
    contenders: [rawEcho, ...channels.map(millraceEcho), ...libraries].map(roundTrip),
    loads: { small: { items: 2_000, warm: 500 } },
  },
  {
    name: 'start-up',
    unit: 'us',
    contenders: [rawStartUp, ...channels.map(millraceStartUp), ...libraries.map(libraryStartUp)],
    loads: { small: { items: 5, warm: 0 } },
  },
  {
    name: 'memory',
    unit: 'KiB',
    warmUp: false,
    contenders: queueNames.map(memoryOf),
    loads: { small: { items: 200, warm: 0 } },
  },
  {
    name: 'idle',
    unit: 'CPU ms',
    runs: 1,
    warmUp: false,
    contenders: [rawIdle, ...channels.map(millraceIdle)],
    loads: { small: { items: 64, warm: 0 } },
  },
  ...[1, 10, 100, 1_000, 10_000].map(queues),
];
