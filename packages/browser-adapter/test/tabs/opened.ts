import { sharedTabs, type SharedTabsOptions } from '@millrace/browser-adapter';
import type { Transport } from '@millrace/core';

/** A name that no other test has. */
export function freshName(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}

/** A tab's transport, with all hosts of the tests in one SharedWorker. */
export function openTabs(name: string, options?: Partial<SharedTabsOptions>): Transport {
  return sharedTabs({
    worker: () => new SharedWorker(new URL('./tabs.worker.ts', import.meta.url), { type: 'module' }),
    name,
    ...options,
  });
}
