/**
 * For the file of the SharedWorker that hosts the queues of tabs.
 *
 * @module
 */
import { MillraceError } from '@millrace/core';
import { systemRuntime } from '@millrace/core/channels';
import { hold } from './lock.js';
import { Host, hostLock } from './tabs/host.js';
import { HostedQueues } from './tabs/hosted-queues.js';
import { inMemory } from './tabs/keeping.js';

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
  const names = new Map<string, Promise<HostedQueues>>();
  const host = new Host(({ name }) => {
    // Another may serve this name: one that is about to end, or that older pages have. It is waited for.
    const known =
      names.get(name) ?? hold(hostLock(name)).then(() => new HostedQueues(inMemory(systemRuntime)));
    names.set(name, known);
    return known;
  });
  globalThis.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (port !== undefined) host.connect(port);
  });
}
