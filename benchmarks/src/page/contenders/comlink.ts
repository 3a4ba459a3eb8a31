import { releaseProxy, wrap } from 'comlink';

import type { Load } from '../../contender.js';
import { byCalls } from '../../contenders/outstanding.js';
import type { Maker } from '../../workers/maker.js';
import type { PageContender } from '../contender.js';

export const comlink: PageContender = async <T>(load: Load<T>) => {
  const worker = new Worker(new URL('../workers/comlink-maker.worker.ts', import.meta.url), { type: 'module' });
  const made = wrap<Maker>(worker);
  try {
    return await byCalls(load, (index) => made.make(load.payload.name, index) as Promise<T>);
  } finally {
    made[releaseProxy]();
    worker.terminate();
  }
};
