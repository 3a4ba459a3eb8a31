import { browserWorkers } from '@millrace/browser-adapter';
import { defineWorker } from '@millrace/core';

import { flow } from '../../contenders/millrace-flow.js';
import { CHUNK } from '../../contenders/sizes.js';
import type { PageContender } from '../contender.js';

const producer = defineWorker(
  () => import('../../workers/millrace-producer.js'),
  () => new Worker(new URL('../workers/millrace-producer.worker.ts', import.meta.url), { type: 'module' }),
);

const through =
  (channel: 'ports' | 'shared-memory', chunk: number): PageContender =>
  (load) =>
    flow(load, chunk, browserWorkers({ channel }), producer);

export const millrace = through('ports', 1);
export const millraceChunks = through('ports', CHUNK);
export const millraceSharedMemory = through('shared-memory', 1);
export const millraceSharedMemoryChunks = through('shared-memory', CHUNK);
