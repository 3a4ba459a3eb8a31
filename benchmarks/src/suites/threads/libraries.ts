import type { CallLibrary } from '../../contenders/threads/calls/calls.js';
import { comlink } from '../../contenders/threads/calls/comlink.js';
import { piscina } from '../../contenders/threads/calls/piscina.js';
import { poolifier } from '../../contenders/threads/calls/poolifier.js';
import { threadsJs } from '../../contenders/threads/calls/threads-js.js';
import { tinypool } from '../../contenders/threads/calls/tinypool.js';
import { workerpool } from '../../contenders/threads/calls/workerpool.js';

/** The libraries that answer calls from threads. */
export const libraries: readonly CallLibrary[] = [
  comlink,
  piscina,
  poolifier,
  tinypool,
  workerpool,
  threadsJs,
];
