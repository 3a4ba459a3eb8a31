import { defineWorker, IterableQueue } from '@millrace/core';

import { pause } from '../../shared/pause.js';
import { type ChannelName, openWorkers } from '../line/channel.js';
import type { Item } from '../line/item.js';

const producerWorker = defineWorker(
  () => import('./producer.js'),
  () => new Worker(new URL('./producer.worker.js', import.meta.url), { type: 'module' }),
);
const consumerWorker = defineWorker(
  () => import('./consumer.js'),
  () => new Worker(new URL('./consumer.worker.js', import.meta.url), { type: 'module' }),
);

/** So many items first, so that the engine has compiled what is measured; but for so long, in ms, at the most. */
const WARM = 20_000;
const WARMING = 2000;
/** For how long, in ms, is measured. */
const MEASURED = 1000;
const LOOK = 50;

/** How many items a second go from a worker to another one by this channel, one by one, as fast as they can. */
export async function race(channel: ChannelName): Promise<number> {
  const transport = openWorkers(channel);
  try {
    const queue = new IterableQueue<Item>({ transport, capacity: 1024 });
    transport.start(producerWorker, { out: queue.producer() }, { name: 'putting' });
    transport.start(consumerWorker, { source: queue.consumer() }, { name: 'taking' });
    const taken = async (): Promise<number> => (await queue.stats()).taken;
    for (let ms = 0; ms < WARMING && (await taken()) < WARM; ms += LOOK) await pause(LOOK);
    const [from, begun] = [await taken(), performance.now()];
    await pause(MEASURED);
    return (((await taken()) - from) * 1000) / (performance.now() - begun);
  } finally {
    await transport.close();
  }
}
