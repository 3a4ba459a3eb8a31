import { Worker } from 'node:worker_threads';

import { releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

import type { Maker } from '../../../workers/maker.js';
import type { CallLibrary } from './calls.js';

export const comlink: CallLibrary = {
  name: 'comlink',
  open() {
    const worker = new Worker(new URL('../../../workers/comlink-maker.js', import.meta.url));
    const made = wrap<Maker>(nodeEndpoint(worker));
    return {
      call: (payload, index) => made.make(payload, index),
      close: () => {
        made[releaseProxy]();
        return worker.terminate();
      },
    };
  },
};
