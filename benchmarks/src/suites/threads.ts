import type { Suite } from '../contender.js';
import { comlink } from '../contenders/threads/comlink.js';
import { millrace, millraceChunks } from '../contenders/threads/millrace.js';
import { piscina } from '../contenders/threads/piscina.js';
import { poolifier } from '../contenders/threads/poolifier.js';
import { rawPostMessage } from '../contenders/threads/raw.js';

// Each run starts a new thread, whose code is compiled while it runs: the warm-up is long enough for that to be over.
const small = { items: 2_000_000, warm: 200_000 };
const medium = { items: 600_000, warm: 100_000 };
const large = { items: 10_000, warm: 1_000 };

/** One producer in a thread of its own, and its consumer in the main thread. */
export const suite: Suite = {
  name: 'threads',
  scenarios: [
    {
      name: 'plain',
      unit: 'items/s',
      contenders: [rawPostMessage, millrace, comlink, piscina, poolifier],
      loads: { small, medium, large },
    },
    {
      name: 'chunks',
      unit: 'items/s',
      contenders: [rawPostMessage, millraceChunks],
      loads: { small, medium },
    },
  ],
};
