import { defineWorker } from '@millrace/core';

import type { Contender } from '../../contender.js';
import { flow } from '../millrace-flow.js';
import type { Channel } from './channels.js';

export const producer = defineWorker(
  () => import('../../workers/millrace-producer.js'),
  new URL('../../workers/millrace-producer.js', import.meta.url),
);

/** From a worker to the main thread, by single items or in chunks of so many. */
export const millrace = (channel: Channel, chunk = 1): Contender => ({
  name: channel.name,
  run: (load) => flow(load, chunk, channel.open(), producer),
});
