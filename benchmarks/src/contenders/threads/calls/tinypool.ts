import { Tinypool } from 'tinypool';

import { OUTSTANDING } from '../../sizes.js';
import type { CallLibrary } from './calls.js';

export const tinypool: CallLibrary = {
  name: 'tinypool',
  open() {
    const pool = new Tinypool({
      filename: new URL('../../../workers/task.js', import.meta.url).href,
      runtime: 'worker_threads',
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: OUTSTANDING,
    });
    return {
      call: (payload, index) => pool.run({ payload, index }) as Promise<unknown>,
      close: () => pool.destroy(),
    };
  },
};
