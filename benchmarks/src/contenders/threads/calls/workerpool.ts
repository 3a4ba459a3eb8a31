import { fileURLToPath } from 'node:url';

import { pool as openPool } from 'workerpool';

import type { CallLibrary } from './calls.js';

const file = fileURLToPath(new URL('../../../workers/workerpool-worker.js', import.meta.url));

export const workerpool: CallLibrary = {
  name: 'workerpool',
  share: 0.25,
  open() {
    const pool = openPool(file, { minWorkers: 1, maxWorkers: 1, workerType: 'thread' });
    return {
      call: async (payload, index) => (await pool.exec('make', [{ payload, index }])) as unknown,
      close: async () => {
        await pool.terminate();
      },
    };
  },
};
