import { sharedTabs, type SharedTabsOptions } from '@millrace/browser-adapter';
import type { Transport } from '@millrace/core';

/** A name that no other test has. */
export function freshName(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}

/** A tab's transport, with the hosts of all such names in one SharedWorker. */
export function openTabs(name: string, options?: Partial<SharedTabsOptions>): Transport {
  return sharedTabs({ worker: () => host(''), name, ...options });
}

/** The same without a SharedWorker: one of the tabs is the host. */
export function openTabsElected(name: string): Transport {
  return sharedTabs({ name });
}

/** The same with a SharedWorker of its own. */
export function openTabsAlone(name: string): Transport {
  return openTabs(name, { worker: () => host(name) });
}

function host(name: string): SharedWorker {
  return new SharedWorker(new URL('./tabs.worker.ts', import.meta.url), { type: 'module', name });
}
