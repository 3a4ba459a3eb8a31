import { serveWorker } from '@millrace/browser-adapter/worker';
import * as square from './square.js';

// The other way to write it: the module is there when the worker begins.
serveWorker(square);
