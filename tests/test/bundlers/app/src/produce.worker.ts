import { serveWorker } from '@millrace/browser-adapter/worker';

serveWorker(() => import('./produce.js'));
