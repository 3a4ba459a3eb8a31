import BeeQueue from 'bee-queue';

import { inFlight } from '../in-flight.js';
import { jsonOf, valueOf } from '../json.js';
import type { Way } from '../way.js';
import { stopped } from './bullmq.js';

const UNDER_WAY = 100;

/** As its documentation advises for speed: no events, and jobs that are done removed. */
export const beeQueue: Way = {
  async produce({ host, port, queue, payload }, items, pause) {
    const jobs = new BeeQueue(queue, { redis: { host, port }, isWorker: false, getEvents: false, sendEvents: false, storeJobs: false });
    await jobs.ready();
    const saves = inFlight(pause === undefined ? UNDER_WAY : 1);
    for (const item of items) {
      await saves.add(jobs.createJob({ item: jsonOf(payload, item) }).save());
      if (pause !== undefined) await pause();
    }
    await saves.all();
    await jobs.close();
  },
  async consume({ host, port, queue, payload }, see, stop, ready) {
    const jobs = new BeeQueue<{ item: unknown }>(queue, {
      redis: { host, port },
      getEvents: false,
      sendEvents: false,
      removeOnSuccess: true,
    });
    jobs.process(UNDER_WAY, ({ data }) => {
      see(valueOf(payload, data.item));
      return Promise.resolve();
    });
    await jobs.ready();
    ready();
    await stopped(stop);
    await jobs.close(1000);
  },
};
