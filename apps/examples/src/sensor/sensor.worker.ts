import { serveWorker } from '@millrace/browser-adapter/worker';

serveWorker(() => import('./sensor.js'));
