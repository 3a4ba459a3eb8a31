import { serveWorker } from '@millrace/browser-adapter/worker';

serveWorker(() => import('./consumer.js'));
