import { Piscina } from 'piscina';

import { OUTSTANDING } from '../../sizes.js';
import type { CallLibrary } from './calls.js';

export const piscina: CallLibrary = {
  name: 'piscina',
  open() {
    const pool = new Piscina({
      filename: new URL('../../../workers/task.js', import.meta.url).href,
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
