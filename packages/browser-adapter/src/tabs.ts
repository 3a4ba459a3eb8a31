/**
 * For the file of the SharedWorker that hosts the queues of tabs.
 *
 * @module
 */
import { MillraceError } from '@millrace/core';
import { Host } from './tabs/host.js';

/**
 * Hosts the queues that tabs share: what the file of the SharedWorker has to do, once, before it awaits anything. See
 * `sharedTabs` of `@millrace/browser-adapter`.
 *
 * Throws `CAPABILITY_MISSING` anywhere but in a SharedWorker.
 *
 * @example
 * ```ts
 * // tabs.worker.ts
 * import { serveTabs } from '@millrace/browser-adapter/tabs';
 *
 * serveTabs();
 * ```
 */
export function serveTabs(): void {
  if (!('SharedWorkerGlobalScope' in globalThis))
    throw new MillraceError(
      'CAPABILITY_MISSING',
      'serveTabs() was called outside of a SharedWorker: only the file that new SharedWorker() is given calls it.',
    );
  const host = new Host();
  globalThis.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (port !== undefined) host.connect(port);
  });
}
