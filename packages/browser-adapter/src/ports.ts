/**
 * Workers in Web Workers, whose queues are reached over message ports alone: 22 kB less for a page to load, where it is not
 * cross-origin isolated and shares no memory, or wants none of it.
 *
 * @module
 */
import type { Transport } from '@millrace/core';
import { NAME, workersHere, type WorkersHereOptions } from './here.js';

export type { WorkersHereOptions } from './here.js';

/**
 * As `browserWorkers` of `@millrace/browser-adapter` with `channel: 'ports'`, without the code for shared memory.
 *
 * @example
 * ```ts
 * import { browserWorkers } from '@millrace/browser-adapter/ports';
 *
 * const transport = browserWorkers();
 * ```
 */
export function browserWorkers(options: WorkersHereOptions = {}): Transport {
  return workersHere(options, NAME);
}
