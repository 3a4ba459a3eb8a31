import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { FixedThreadPool } from 'poolifier';

import type { Contender, Load } from '../../contender.js';
import type { Task } from '../../workers/task.js';
import { byCalls } from '../outstanding.js';

const file = fileURLToPath(new URL('../../workers/poolifier-worker.js', import.meta.url));

export const poolifier: Contender = {
  name: 'poolifier',
  share: 0.04,
  async run<T>(load: Load<T>) {
    const pool = new FixedThreadPool<Task, unknown>(1, file);
    try {
      return await byCalls(load, (index) => pool.execute({ payload: load.payload.name, index }) as Promise<T>);
    } finally {
      // Its promise stays pending now and then, although its thread is gone; nothing would keep this process alive then.
      const given = new AbortController();
      await Promise.race([pool.destroy(), setTimeout(2000, undefined, { signal: given.signal })]);
      given.abort();
    }
  },
};
