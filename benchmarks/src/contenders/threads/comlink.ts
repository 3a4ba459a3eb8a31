import { Worker } from 'node:worker_threads';

import { releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

import type { Contender, Load } from '../../contender.js';
import type { Maker } from '../../workers/maker.js';
import { byCalls } from '../outstanding.js';

export const comlink: Contender = {
  name: 'comlink',
  share: 0.04,
  async run<T>(load: Load<T>) {
    const worker = new Worker(new URL('../../workers/comlink-maker.js', import.meta.url));
    const made = wrap<Maker>(nodeEndpoint(worker));
    try {
      return await byCalls(load, (index) => made.make(load.payload.name, index) as Promise<T>);
    } finally {
      made[releaseProxy]();
      await worker.terminate();
    }
  },
};
