import { defineWorker } from '@millrace/core';

/** The workers of the main job, wherever they run: what they are, where Node finds them, and how a page starts them. */
export const producerWorker = defineWorker(
  () => import('./producer.js'),
  new URL(/* @vite-ignore */ './producer.js', import.meta.url),
  () => new Worker(new URL('./producer.worker.js', import.meta.url), { type: 'module' }),
);
export const consumerWorker = defineWorker(
  () => import('./consumer.js'),
  new URL(/* @vite-ignore */ './consumer.js', import.meta.url),
  () => new Worker(new URL('./consumer.worker.js', import.meta.url), { type: 'module' }),
);
