// What a worker's first file takes.
export { serveWorker } from '@millrace/browser-adapter/worker';
