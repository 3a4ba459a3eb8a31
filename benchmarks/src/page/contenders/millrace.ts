import { browserWorkers } from '@millrace/browser-adapter';
import { defineWorker } from '@millrace/core';

import { flow } from '../../contenders/millrace-flow.js';
import { CHUNK } from '../../contenders/sizes.js';
import type { PageContender } from '../contender.js';

const producer = defineWorker(
  () => import('../../workers/millrace-producer.js'),
  () => new Worker(new URL('../workers/millrace-producer.worker.ts', import.meta.url), { type: 'module' }),
);

export const millrace: PageContender = (load) => flow(load, 1, browserWorkers({ channel: 'ports' }), producer);
export const millraceChunks: PageContender = (load) => flow(load, CHUNK, browserWorkers({ channel: 'ports' }), producer);
