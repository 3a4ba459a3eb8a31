import type { Suite } from '../contender.js';
import { bareRing, bareRingChunks } from '../contenders/process/bare-ring.js';
import { effectQueue } from '../contenders/process/effect-queue.js';
import { eventIterator } from '../contenders/process/event-iterator.js';
import { itPushable } from '../contenders/process/it-pushable.js';
import { millrace, millraceChunks } from '../contenders/process/millrace.js';
import { noQueue } from '../contenders/process/no-queue.js';
import { passThrough } from '../contenders/process/pass-through.js';
import { transformStream } from '../contenders/process/transform-stream.js';

const million = { items: 1_000_000, warm: 0 };
const millions = { items: 4_000_000, warm: 0 };

/** One producer and one consumer in one event loop; values go by reference. */
export const suite: Suite = {
  name: 'process',
  scenarios: [
    {
      name: 'plain',
      unit: 'items/s',
      contenders: [
        noQueue,
        bareRing,
        millrace,
        eventIterator,
        effectQueue,
        itPushable,
        passThrough,
        transformStream,
      ],
      loads: { small: million, medium: million },
    },
    {
      name: 'chunks',
      unit: 'items/s',
      contenders: [bareRingChunks, millraceChunks],
      loads: { small: millions, medium: millions },
    },
  ],
};
