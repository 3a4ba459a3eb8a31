import { Piscina } from 'piscina';

import type { Contender, Load } from '../../contender.js';
import { OUTSTANDING } from '../sizes.js';
import { byCalls } from '../outstanding.js';

export const piscina: Contender = {
  name: 'piscina',
  share: 0.04,
  async run<T>(load: Load<T>) {
    const pool = new Piscina({
      filename: new URL('../../workers/task.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: OUTSTANDING,
    });
    try {
      return await byCalls(load, (index) => pool.run({ payload: load.payload.name, index }) as Promise<T>);
    } finally {
      await pool.destroy();
    }
  },
};
