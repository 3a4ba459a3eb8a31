import { defineWorker } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import type { Contender } from '../../contender.js';
import { flow } from '../millrace-flow.js';
import { CHUNK } from '../sizes.js';

const producer = defineWorker(
  () => import('../../workers/millrace-producer.js'),
  new URL('../../workers/millrace-producer.js', import.meta.url),
);

const millraceBy = (chunk: number): Contender => ({
  name: 'millrace',
  run: (load) => flow(load, chunk, workerThreads(), producer),
});

export const millrace = millraceBy(1);
export const millraceChunks = millraceBy(CHUNK);
