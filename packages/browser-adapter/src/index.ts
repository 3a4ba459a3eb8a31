/**
 * Workers in Web Workers, for pages and for workers.
 *
 * @module
 */
export { browserWorkers, type BrowserWorkersOptions } from './browser-workers.js';
