import { serveWorker } from '@millrace/browser-adapter/worker';
import * as count from './count.js';

serveWorker(count);
