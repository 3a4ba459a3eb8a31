/**
 * Workers in Web Workers, for pages and for workers.
 *
 * @module
 */
export { browserWorkers, type BrowserWorkersOptions } from './browser-workers.js';
export type { WorkersHereOptions } from './here.js';
export { sharedTabs, type SharedTabsOptions } from './tabs/shared-tabs.js';
