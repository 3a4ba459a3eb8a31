import { browserWorkers } from '@millrace/browser-adapter';
import type { Transport } from '@millrace/core';

/** What items travel by. */
export const channels = ['ports', 'shared-memory'] as const;
export type ChannelName = (typeof channels)[number];

/** Whether this page may share memory, and its engine can wait for it. */
export function canShare(): boolean {
  return globalThis.crossOriginIsolated && 'waitAsync' in Atomics;
}

/** Workers, and queues to and from them by this channel. */
export function openWorkers(channel: ChannelName): Transport {
  return browserWorkers({ channel });
}
