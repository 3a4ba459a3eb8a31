import { spawn, Thread, Worker } from 'threads';

import type { Maker } from '../../../workers/maker.js';
import { OUTSTANDING } from '../../sizes.js';
import type { CallLibrary } from './calls.js';

/** It takes paths as seen from the file that names them. */
const file = '../../../workers/threads-js-maker.js';

export const threadsJs: CallLibrary = {
  name: 'threads.js',
  open() {
    const worker = new Worker(file);
    // It listens once for each call under way.
    worker.setMaxListeners(2 * OUTSTANDING);
    const spawned = spawn<Maker>(worker);
    return {
      call: async (payload, index) => (await spawned).make(payload, index),
      close: async () => {
        await Thread.terminate(await spawned);
      },
    };
  },
};
