import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (item: unknown) => {
  parentPort?.postMessage(item);
});
