import { serveWorker } from '@millrace/browser-adapter/worker';
import * as square from './square.js';

// The other way to write it: nothing is left to be loaded when the worker begins.
serveWorker(square);
