// What an app's page takes: queues, a consumer, and workers to run it in, with ports only.
export { Consumer, defineWorker, IterableQueue } from '@millrace/core';
export { browserWorkers } from '@millrace/browser-adapter/ports';
