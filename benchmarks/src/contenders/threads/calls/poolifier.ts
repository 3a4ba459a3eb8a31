import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { FixedThreadPool } from 'poolifier';

import type { Task } from '../../../workers/task.js';
import type { CallLibrary } from './calls.js';

const file = fileURLToPath(new URL('../../../workers/poolifier-worker.js', import.meta.url));

export const poolifier: CallLibrary = {
  name: 'poolifier',
  open() {
    const pool = new FixedThreadPool<Task, unknown>(1, file);
    return {
      call: (payload, index) => pool.execute({ payload, index }),
      async close() {
        // Its promise stays pending now and then, although its thread is gone; nothing would keep this process alive then.
        const given = new AbortController();
        await Promise.race([pool.destroy(), setTimeout(2000, undefined, { signal: given.signal })]);
        given.abort();
      },
    };
  },
};
