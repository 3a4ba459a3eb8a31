import { serveWorker } from '@millrace/browser-adapter/worker';

serveWorker(() => import('../../workers/millrace-producer.js'));
